import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, untilAnswering } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

const kills = 3;

export const postgresKilled: Scenario = {
  name: "PostgreSQL killed",
  about: "`kill -9` of every process of PostgreSQL, three times; it is started again after a second",
  lacking: () => false,
  prepare: async (folder, atEnd) => {
    const postgres = await startPostgres(folder);
    atEnd(postgres.stop);
    return {
      databaseUrl: postgres.url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: postgres.url }),
      disturb: async () => {
        for (let count = 0; count < kills; count++) {
          await postgres.kill();
          await sleep(2_000);
          await untilAnswering(postgres.url);
          await sleep(2_000);
        }
        if (postgres.restarts() < kills) throw new Error("PostgreSQL was not killed");
        return `${postgres.restarts()} recoveries from the log`;
      },
    };
  },
};
