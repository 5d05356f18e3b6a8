import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { Client } from "pg";
import { startPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

const holdMs = 8_000;
const tooMany = "53300";

export const connectionsExhausted: Scenario = {
  name: "connections exhausted",
  about:
    "of 20 connections that PostgreSQL allows, somebody takes all; the servers' own are ended, so that they want new " +
    "ones; eight seconds later all are free again",
  lacking: () => false,
  prepare: async (folder, atEnd) => {
    const { url, stop } = await startPostgres(folder, ["max_connections=20", "superuser_reserved_connections=3"]);
    atEnd(stop);
    // Superusers have connections of their own, which must not be what is counted.
    for (const statement of ["create role issuer login", "create database issuer owner issuer"])
      await execute(url, statement);
    const issuerUrl = url.replace("test@", "issuer@").replace(/postgres$/, "issuer");
    return {
      databaseUrl: url.replace(/postgres$/, "issuer"),
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: issuerUrl }),
      disturb: async () => {
        const held: Client[] = [];
        let refused = 0;
        const until = Date.now() + holdMs;
        while (Date.now() < until) {
          const client = new Client({ connectionString: issuerUrl, application_name: "greedy" });
          client.on("error", () => {});
          await client.connect().then(
            () => held.push(client),
            (error) => {
              refused += Number(error.code === tooMany);
            },
          );
          await execute(url, endOthers);
          await sleep(20);
        }
        await Promise.all(held.map((client) => client.end()));
        if (refused === 0) throw new Error("there was always a connection left");
        return `${held.length} held; SQLSTATE ${tooMany} ${refused} times`;
      },
    };
  },
};

const endOthers = `
  select pg_terminate_backend(pid) from pg_stat_activity where usename = 'issuer' and application_name <> 'greedy'`;
