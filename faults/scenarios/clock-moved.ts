import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { startPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

const multiarch = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
const library = `/usr/lib/${multiarch}/faketime/libfaketime.so.1`;

/** Of each server, in turn: apart by minutes, then both by days, then right again. */
const offsets = [
  ["+20m", "+0"],
  ["-20m", "+0"],
  ["+3d", "+3d"],
  ["-3d", "-3d"],
  ["+0", "+0"],
] as const;

export const clockMoved: Scenario = {
  name: "clock moved",
  about:
    "one server's clock 20 minutes ahead, then 20 behind, then both three days ahead, three behind, and right again; " +
    "the wall clock alone, by libfaketime, so that nothing else on the machine moves",
  lacking: () => !existsSync(library) && "needs libfaketime (apt-get install libfaketime)",
  prepare: async (folder, atEnd) => {
    const { url, stop } = await startPostgres(folder);
    atEnd(stop);
    const clockOf = (index: number) => join(folder, `clock-${index}`);
    const move = async (index: number, offset: string) => {
      // Whole or not at all: it is read at every look at the clock.
      await writeFile(`${clockOf(index)}.next`, `${offset}\n`);
      await rename(`${clockOf(index)}.next`, clockOf(index));
    };
    for (const index of [0, 1]) await move(index, "+0");
    return {
      databaseUrl: url,
      environmentOf: (index) => ({
        LINCHPIN_DATABASE_URL: url,
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: clockOf(index),
        FAKETIME_CACHE_DURATION: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      }),
      disturb: async () => {
        for (const [one, other] of offsets) {
          await move(0, one);
          await move(1, other);
          await sleep(4_000);
        }
        return `events up to ${await spanOf(url)} days apart in ${offsets.length * 4} seconds`;
      },
    };
  },
};

async function spanOf(url: string): Promise<number> {
  const database = new Client(url);
  await database.connect();
  const { rows } = await database.query(
    "select extract(epoch from max(occurred_at) - min(occurred_at)) / 86400 as days from audit_events",
  );
  await database.end();
  const days = Math.round(Number(rows[0].days));
  if (days < 6) throw new Error("the servers' clocks did not move");
  return days;
}
