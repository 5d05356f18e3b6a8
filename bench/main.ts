// `npm run bench` writes its tables into docs/bench.md and draws the plots there; `npm run bench:growth` goes to ten
// million cards. Words choose parts, which are printed only: cost, rate, growth.
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSoftHsmToken, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { startPostgres } from "../faults/postgres.ts";
import { type Cost, measureCost, measureCosts } from "./cost.ts";
import { measureGrowth, type Size } from "./growth.ts";
import { makePartner, productionSettings, startLogging } from "./issuer.ts";
import { needsMockSolaris, startMockSolaris } from "./mock-solaris.ts";
import { measureRate, opensslRate, type Rate } from "./rate.ts";
import { costTable, growthTable, machine, plots, rateTable } from "./report.ts";
import { solarisChanges } from "./requests.ts";
import { startEmbedded, startPlainHandler } from "./targets.ts";

const words = process.argv.slice(2);
const isFull = words.includes("--full");
const parts = words.filter((word) => !word.startsWith("-"));
const isChosen = (part: string) => (parts.length === 0 && (!isFull || part === "growth")) || parts.includes(part);
const cards = 2000;
const benchMarks = ["<!-- bench:begin -->", "<!-- bench:end -->"] as const;
const growthMarks = ["<!-- growth:begin -->", "<!-- growth:end -->"] as const;
const say = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

const folder = await mkdtemp(join(tmpdir(), "linchpin-bench-"));
const costs: Cost[] = [];
const rates: Rate[] = [];
const notes: string[] = [];
let sizes: Size[] = [];
const postgres = await startPostgresIn("postgres");
try {
  const settings = productionSettings(postgres.url);
  const issuer = await startLogging(folder, settings, ["--workers", "2"]);
  const access = await makePartner(issuer.url, settings, cards);
  if (isChosen("cost")) {
    say("cost");
    costs.push(...(await measureCosts(issuer, access)));
  }
  if (isChosen("rate")) {
    say("rate on PostgreSQL");
    rates.push(await measureRate("Linchpin, PostgreSQL", issuer.port, (count) => solarisChanges(access, count)));
  }
  await issuer.stop();
  if (isChosen("cost") || isChosen("rate")) await measurePlainHandler();
  if (isChosen("rate")) {
    await measureEmbedded();
    await measureSoftHsm();
    await measureMockSolaris(process.env["MOCK_SOLARIS_DIR"] ?? "");
  }
  if (isChosen("growth")) {
    say("growth");
    const upTo = isFull ? [10_000, 100_000, 1_000_000, 10_000_000] : [10_000, 100_000, 1_000_000];
    const start = { folder, settings, access, filled: cards };
    sizes = await measureGrowth(upTo, start, (size) => say(JSON.stringify(size)));
  }

  async function measurePlainHandler(): Promise<void> {
    say("the plain handler");
    const plain = await startPlainHandler(postgres.url, access);
    const rate = await measureRate("Fastify, jose, pg", plain.port, plain.make);
    const { ratio } = await measureCost({ ...plain, protocol: "solaris" }, plain.make);
    await plain.stop();
    rates.push(rate);
    notes.push(`The plain handler costs ${ratio.toFixed(2)} times its cryptography.`);
  }
} finally {
  await postgres.stop();
}

await tellResults();
await rm(folder, { recursive: true, force: true });

async function startPostgresIn(name: string) {
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else
  return startPostgres(await mkdtemp(join(folder, `${name}-`)));
}

async function measureEmbedded(): Promise<void> {
  say("rate on the embedded store");
  const embedded = await startEmbedded(folder);
  rates.push(await measureRate("Linchpin, embedded store", embedded.port, embedded.make));
  await embedded.stop();
}

async function measureSoftHsm(): Promise<void> {
  const lacking = needsSoftHsm();
  if (lacking !== false) {
    notes.push(`SoftHSM2 was not at hand: ${lacking}.`);
    return;
  }
  say("rate on SoftHSM2");
  const token = await makeSoftHsmToken();
  const ofToken = await startPostgresIn("softhsm");
  const settings = { ...productionSettings(ofToken.url), LINCHPIN_VAULT: token.uri };
  const issuer = await startLogging(folder, settings, ["--workers", "2"]);
  try {
    const access = await makePartner(issuer.url, settings, cards);
    rates.push(
      await measureRate("Linchpin, PostgreSQL, SoftHSM2", issuer.port, (count) => solarisChanges(access, count)),
    );
  } finally {
    await issuer.stop();
    await ofToken.stop();
    await token.remove();
  }
}

async function measureMockSolaris(directory: string): Promise<void> {
  const lacking = needsMockSolaris(directory);
  if (lacking !== false) {
    notes.push(`kontist/mock-solaris was not at hand: ${lacking}.`);
    return;
  }
  say("kontist/mock-solaris");
  const mock = await startMockSolaris(directory);
  try {
    rates.push(await measureRate("kontist/mock-solaris", mock.port, mock.make));
    const { ratio } = await measureCost({ ...mock, protocol: "solaris" }, mock.make);
    notes.push(
      `kontist/mock-solaris costs ${ratio.toFixed(2)} times a PIN change's cryptography, though it checks no signature.`,
    );
  } finally {
    await mock.stop();
  }
}

async function tellResults(): Promise<void> {
  const command = `npm run bench${isFull ? ":growth" : ""}${parts.length > 0 ? ` -- ${parts.join(" ")}` : ""}`;
  const page = [
    machine(command, {
      openssl: spawnSync("openssl", ["version"], { encoding: "utf8" }).stdout.trim(),
      signaturesPerSecond: opensslRate(),
    }),
    ...(costs.length > 0 ? [costTable(costs)] : []),
    ...(rates.length > 0 ? [rateTable(rates)] : []),
    ...(sizes.length > 0 ? [growthTable(sizes)] : []),
    ...notes,
  ];
  const tables = page.join("\n\n");
  console.log(tables);
  if (parts.length > 0) return;
  const docs = join(import.meta.dirname, "../docs");
  const paper = await readFile(join(docs, "bench.md"), "utf8");
  const [begin, end] = isFull ? growthMarks : benchMarks;
  const [before = "", rest = ""] = paper.split(`${begin}\n`);
  const after = rest.slice(rest.indexOf(end));
  await writeFile(join(docs, "bench.md"), `${before}${begin}\n${tables}\n${after}`);
  for (const [name, svg] of plots({ costs, rates, sizes })) await writeFile(join(docs, "images", `${name}.svg`), svg);
}
