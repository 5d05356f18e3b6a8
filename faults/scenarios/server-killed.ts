import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

const kills = [0, 1, 0, 1];

export const serverKilled: Scenario = {
  name: "a server killed",
  about: "`kill -9` of one of two servers, then of the other, twice; each is started again after two seconds",
  lacking: () => false,
  prepare: async (folder, atEnd) => {
    const { url, stop } = await startPostgres(folder);
    atEnd(stop);
    return {
      databaseUrl: url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: url }),
      disturb: async (servers) => {
        for (const index of kills) {
          await servers.kill(index);
          await sleep(2_000);
          await servers.restart(index);
          await sleep(1_000);
        }
        return `${kills.length} kills`;
      },
    };
  },
};
