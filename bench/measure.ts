import { chmod, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { makeSoftHsmToken, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { startPostgres } from "../faults/postgres.ts";
import { type Access, solarisChanges } from "./load/requests.ts";
import { type Cost, measureOperations, measureSolarisChange } from "./measurements/cost.ts";
import { type Measured, type Part, targets } from "./measurements/goals.ts";
import { measureGrowth, type Size } from "./measurements/growth.ts";
import { measureProcesses, type ProcessRate } from "./measurements/processes.ts";
import { type ComparedRate, measureRate, type Rate } from "./measurements/rate.ts";
import { makeRelease, measureRelease, measureTestingStarts } from "./measurements/release.ts";
import { measureStarts, type Start } from "./measurements/start.ts";
import { makePartner, productionSettings, startLogging } from "./targets/issuer.ts";
import { needsMockSolaris, startMockSolaris } from "./targets/mock-solaris.ts";
import { startEmbedded, startFloor, startPlainHandler, type Target } from "./targets/targets.ts";

/** Which parts to measure, and up to how many cards. */
export interface Chosen {
  readonly parts: ReadonlySet<Part>;
  readonly sizes: readonly number[];
}

const cards = 2000;

/** Measures the chosen parts one after the other, with files in `folder`. `notes`: what was not at hand, and why. */
export async function measureParts(
  { parts, sizes }: Chosen,
  folder: string,
  say: (line: string) => void,
): Promise<Measured & { readonly notes: readonly string[] }> {
  const cost: Cost[] = [];
  const rate: Rate[] = [];
  const notes: string[] = [];
  let growth: readonly Size[] = [];
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else

  const keep = <One>(list: One[], one: One) => {
    list.push(one);
    say(JSON.stringify(one)); // a run that is cut off has said what it measured
  };
  const measureTarget = async (name: string, target: Target, postgresPid: number | null) => {
    say(name);
    const { pid, port, make } = target;
    if (parts.has("cost")) keep(cost, await measureSolarisChange(name, { pid, port, make, postgresPid }));
    if (parts.has("rate")) keep(rate, await measureRate(name, port, make));
    await target.stop();
  };

  if (parts.has("cost") || parts.has("rate") || parts.has("growth")) {
    const postgres = await startPostgres(await mkdtemp(join(folder, "postgres-")));
    const settings = productionSettings(postgres.url);
    const issuer = await startLogging(folder, settings, ["--workers", "2"]);
    const access = await makePartner(issuer.url, settings, cards);
    say(targets.ours);
    const { pid, port } = issuer;
    if (parts.has("cost"))
      for (const one of await measureOperations(targets.ours, { pid, port, postgresPid: postgres.pid() }, access, say))
        keep(cost, one);
    if (parts.has("rate")) keep(rate, await measureRate(targets.ours, port, (count) => solarisChanges(access, count)));
    await issuer.stop();
    if (parts.has("cost") || parts.has("rate")) {
      await measureTarget(targets.floor, await startFloor(postgres.url, access), postgres.pid());
      await measureTarget(targets.plain, await startPlainHandler(postgres.url, access), postgres.pid());
    }
    if (parts.has("growth")) {
      say("growth");
      const from = { folder, settings, access, filled: cards };
      growth = await measureGrowth(sizes, from, (size) => say(JSON.stringify(size)));
    }
    await postgres.stop();
  }
  if (parts.has("rate")) {
    await measureEmbedded();
    await measureSoftHsm();
  }
  if (parts.has("cost") || parts.has("rate")) await measureMockSolaris(process.env["MOCK_SOLARIS_DIR"] ?? "");
  if (parts.has("processes")) say("processes");
  const processes: readonly ProcessRate[] = parts.has("processes") ? await measureProcesses(folder, makeCards) : [];
  if (parts.has("start")) say("start");
  const start: readonly Start[] = parts.has("start") ? await measureStarts(folder) : [];
  if (parts.has("testing") || parts.has("packages")) say("release");
  const release = parts.has("testing") || parts.has("packages") ? await makeRelease(folder) : "";
  const testing = parts.has("testing") ? await measureTestingStarts(release, folder) : [];
  const packages = parts.has("packages") ? await measureRelease(release) : [];
  return { cost, rate: comparedWithPlain(rate), processes, start, testing, packages, growth, notes };

  async function measureEmbedded(): Promise<void> {
    say(targets.embedded);
    const embedded = await startEmbedded(folder);
    keep(rate, await measureRate(targets.embedded, embedded.port, embedded.make));
    await embedded.stop();
  }

  async function measureSoftHsm(): Promise<void> {
    const lacking = needsSoftHsm();
    if (lacking !== false) {
      notes.push(`SoftHSM2 was not at hand: ${lacking}.`);
      return;
    }
    say(targets.softHsm);
    const token = await makeSoftHsmToken();
    const postgres = await startPostgres(await mkdtemp(join(folder, "softhsm-")));
    const settings = { ...productionSettings(postgres.url), LINCHPIN_VAULT: token.uri };
    const issuer = await startLogging(folder, settings, ["--workers", "2"]);
    try {
      const access = await makePartner(issuer.url, settings, cards);
      keep(rate, await measureRate(targets.softHsm, issuer.port, (count) => solarisChanges(access, count)));
    } finally {
      await issuer.stop();
      await postgres.stop();
      await token.remove();
    }
  }

  async function measureMockSolaris(directory: string): Promise<void> {
    const lacking = needsMockSolaris(directory);
    if (lacking === false) await measureTarget(targets.mockSolaris, await startMockSolaris(directory), null);
    else notes.push(`kontist/mock-solaris was not at hand: ${lacking}.`);
  }

  /** In a database without any: migrated and filled, and no server left. */
  async function makeCards(databaseUrl: string): Promise<Access> {
    const settings = productionSettings(databaseUrl);
    const issuer = await startLogging(folder, settings, []);
    const access = await makePartner(issuer.url, settings, cards);
    await issuer.stop();
    return access;
  }
}

function comparedWithPlain(rates: readonly Rate[]): readonly ComparedRate[] {
  const plain = rates.find(({ target }) => target === targets.plain);
  const overPlainHandler = ({ changesPerSecond }: Rate) =>
    plain === undefined ? null : changesPerSecond / plain.changesPerSecond;
  return rates.map((rate) => ({ ...rate, overPlainHandler: overPlainHandler(rate) }));
}
