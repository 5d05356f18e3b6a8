import { spawnSync } from "node:child_process";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { startPostgres, untilAnswering } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

const sqlState = "53100";

export const diskFull: Scenario = {
  name: "disk full",
  about:
    "PostgreSQL's data on a file system of 256 MB that is filled: first tables can not grow, then the log can not, on " +
    "which PostgreSQL gives up and is started again until there is space",
  lacking: () => process.getuid?.() !== 0 && "needs root, to mount a small file system",
  prepare: async (folder, atEnd) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    mount("mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", disk);
    atEnd(() => mount("umount", "--lazy", disk));
    const postgres = await startPostgres(disk, ["max_wal_size=64MB", "min_wal_size=32MB"]);
    atEnd(postgres.stop);
    return {
      databaseUrl: postgres.url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: postgres.url }),
      disturb: async () => {
        const filler = join(disk, "filler");
        await fill(disk, filler);
        const code = await execute(postgres.url, "create table filler as select generate_series(1, 1000000)").then(
          () => null,
          (error) => error.code,
        );
        if (code !== sqlState) throw new Error(`the disk is not full: ${code}`);
        await sleep(5_000);
        // The log has room in the segment that is open: a few switches use up those that wait.
        for (let count = 0; count < 8; count++)
          await execute(
            postgres.url,
            "create table if not exists note (); drop table note; select pg_switch_wal()",
          ).catch(() => {});
        await sleep(5_000);
        const crashes = postgres.restarts();
        await rm(filler);
        await untilAnswering(postgres.url);
        return `SQLSTATE ${sqlState}; PostgreSQL ended ${crashes} times for want of a log`;
      },
    };
  },
};

function mount(...words: [string, ...string[]]): void {
  const [program, ...parameters] = words;
  const { status, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
}

async function fill(disk: string, filler: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  const file = await open(filler, "w");
  try {
    const block = Buffer.alloc(bsize);
    for (let count = 0; count < bavail + 1024; count++) await file.write(block);
  } catch {
    // Full.
  } finally {
    await file.close();
  }
}
