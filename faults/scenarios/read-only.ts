import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { startDatabaseProxy } from "../database-proxy.ts";
import { startPostgres, startStandby } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";
import type { Servers } from "../servers.ts";

const readOnlyMs = 8_000;

export const readOnly: Scenario = {
  name: "read-only database",
  about:
    "the address of PostgreSQL leads to a standby for eight seconds, as after a switch that went half way; then the " +
    "primary itself takes no writes for eight seconds (`default_transaction_read_only`)",
  lacking: () => false,
  prepare: async (folder, atEnd) => {
    const primary = await startPostgres(folder);
    atEnd(primary.stop);
    const proxy = await startDatabaseProxy(primary.port);
    atEnd(() => proxy.stop());
    const throughProxy = primary.url.replace(`:${primary.port}`, `:${proxy.port}`);
    return {
      databaseUrl: primary.url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: throughProxy }),
      disturb: async (servers) => {
        const standby = await startStandby(folder, primary);
        atEnd(standby.stop);
        proxy.leadTo(standby.port);
        const onStandby = await countUnready(servers);
        proxy.leadTo(primary.port);
        await sleep(2_000);
        await setReadOnly(primary.url, "on");
        const onPrimary = await countUnready(servers);
        await setReadOnly(primary.url, "off");
        const { length } = servers.origins;
        if (onStandby < length || onPrimary < length)
          throw new Error(`ready on a read-only database: ${length - onStandby} and ${length - onPrimary} servers`);
        return `${onStandby} of ${length} servers not ready on the standby, ${onPrimary} on the primary`;
      },
    };
  },
};

/** Servers that said, by the end of the time, that they are not ready. */
async function countUnready({ origins }: Servers): Promise<number> {
  await sleep(readOnlyMs);
  const answers = origins.map((origin) => fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(5_000) }));
  const settled = await Promise.allSettled(answers);
  return settled.filter((one) => one.status === "fulfilled" && one.value.status === 503).length;
}

async function setReadOnly(url: string, value: "on" | "off"): Promise<void> {
  for (const statement of [`alter system set default_transaction_read_only = ${value}`, "select pg_reload_conf()"])
    await execute(url, statement);
}
