import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { killTree } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

const scripts = join(import.meta.dirname, "../../deploy/ha");
const nodes = [1, 2, 3];
const another = "another node leads";
const heldWithinMs = 60_000;

export const primaryKilled: Scenario = {
  name: "the primary killed",
  about:
    "three PostgreSQL with Patroni, synchronous ([deploy/ha](../deploy/ha/README.md)): `kill -9` of the primary, which " +
    "its Patroni sees; then of the primary and its Patroni, as if the machine were gone; it comes back and follows",
  lacking: () => {
    const programs = ["etcd", "patroni", "haproxy"].filter((name) => spawnSync("which", [name]).status !== 0);
    if (!existsSync("/usr/lib/postgresql/15/bin/postgres")) programs.push("postgres");
    const packages = "etcd-server patroni haproxy postgresql-15";
    return programs.length > 0 && `needs ${programs.join(", ")} (apt-get install ${packages})`;
  },
  prepare: async (folder, atEnd) => {
    const port = await freePort();
    // Not in the scenario's own: it has another owner.
    const environment = { LINCHPIN_HA_FOLDER: `${folder}-ha`, LINCHPIN_HA_PORT: `${port}` };
    atEnd(() => runScript("down", environment));
    const url = (await runScript("up", environment)).trim();
    const set = { folder: `${folder}-ha`, port };
    return {
      databaseUrl: url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: url }),
      disturb: async () => {
        const first = await leaderOf(set);
        await killTree(await postmasterOf(set, first));
        await sleep(1_000);
        await untilHeld(set, "primary", (leader) => leader !== null);
        // Until it is one again, no standby may take over: it might lack what was acknowledged.
        await untilHeld(set, "synchronous", (standby) => standby !== null);
        await sleep(5_000);
        const second = await leaderOf(set);
        const postmaster = await postmasterOf(set, second);
        process.kill(await patroniOf(set, second), "SIGKILL");
        await killTree(postmaster);
        await untilHeld(set, "primary", (leader) => leader !== null && leader !== second);
        await sleep(2_000);
        await runScript("up", environment);
        return `${first === second ? "the primary came back" : another}; then ${another}`;
      },
    };
  },
};

async function runScript(name: "up" | "down", environment: Record<string, string>): Promise<string> {
  const child = spawn(join(scripts, name), {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const output = await text(child.stdout);
  const [exitCode] = await exited;
  if (exitCode !== 0) throw new Error(`deploy/ha/${name} ended with ${exitCode}`);
  return output;
}

interface ReplicatedSet {
  readonly folder: string;
  readonly port: number;
}

async function leaderOf(set: ReplicatedSet): Promise<number> {
  const leader = await findNode(set, "primary");
  if (leader === null) throw new Error("no node leads");
  return leader;
}

/** As Patroni's REST API calls them. */
type Role = "primary" | "synchronous";

/** By Patroni's own word; the ports are those of `up`. */
async function findNode({ port }: ReplicatedSet, role: Role): Promise<number | null> {
  for (const node of nodes) {
    const answer = await fetch(`http://127.0.0.1:${port + 5 + node}/${role}`).catch(() => null);
    if (answer?.status === 200) return node;
  }
  return null;
}

async function untilHeld(set: ReplicatedSet, role: Role, isHeld: (node: number | null) => boolean): Promise<void> {
  const giveUpAt = Date.now() + heldWithinMs;
  while (!isHeld(await findNode(set, role))) {
    if (Date.now() > giveUpAt) throw new Error(`no node, or no other, is ${role}`);
    await sleep(200);
  }
}

async function postmasterOf({ folder }: ReplicatedSet, node: number): Promise<number> {
  return Number((await readFile(join(folder, `node${node}/postmaster.pid`), "utf8")).split("\n")[0]);
}

async function patroniOf({ folder }: ReplicatedSet, node: number): Promise<number> {
  return Number(await readFile(join(folder, `patroni${node}.pid`), "utf8"));
}
