import { setTimeout as sleep } from "node:timers/promises";
import { startDatabaseProxy } from "../database-proxy.ts";
import { startPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

export const databaseSlow: Scenario = {
  name: "database slow, and cut off",
  about:
    "between servers and PostgreSQL 100 ms each way for eight seconds, then every twentieth answer of the database lost " +
    "with its connection, after the statement has run",
  lacking: () => false,
  prepare: async (folder, atEnd) => {
    const { url, port, stop } = await startPostgres(folder);
    atEnd(stop);
    const proxy = await startDatabaseProxy(port);
    atEnd(proxy.stop);
    return {
      databaseUrl: url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: url.replace(`:${port}/`, `:${proxy.port}/`) }),
      disturb: async () => {
        proxy.latencyMs = 100;
        await sleep(8_000);
        proxy.latencyMs = 0;
        proxy.cutEvery = 20;
        await sleep(8_000);
        proxy.cutEvery = 0;
        if (proxy.cuts() === 0) throw new Error("no connection was cut");
        return `${proxy.cuts()} answers lost`;
      },
    };
  },
};
