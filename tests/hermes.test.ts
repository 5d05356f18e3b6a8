import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { transformAsync } from "@babel/core";
import { fetchRelay, type RelayAnswer, type RelayMessage } from "@linchpin/device/relay";
import { buildSync } from "esbuild";
import { Partner } from "../packages/device/test/partner.ts";
import { type SandboxIssuer, startSandboxIssuer } from "../packages/server/test/sandbox-issuer.ts";
import { SolarisCardholder } from "../packages/server/test/solaris-cardholder.ts";
import type { HermesInput } from "./hermes/device.ts";

// React Native's worst case: Hermes has no WebCrypto, TextEncoder, atob or source of randomness. What the device library
// makes there goes by the example relay to a sandbox, which opens it.

const binaries: Partial<Record<NodeJS.Platform, string>> = {
  linux: "linux64-bin/hermes",
  darwin: "osx-bin/hermes",
  win32: "win64-bin/hermes.exe",
};
const hermesFolder = dirname(fileURLToPath(import.meta.resolve("hermes-engine-cli/package.json")));
const hermes = join(hermesFolder, binaries[process.platform] ?? "none");
const skip = spawnSync(hermes, ["--version"]).status === 0 ? false : `left out: ${hermes} does not run here`;

suite("the device library in Hermes", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-hermes-"));
  let code: string;
  let issuer: SandboxIssuer;
  before(async () => {
    [code, issuer] = await Promise.all([buildForHermes(), startSandboxIssuer()]);
  });
  after(async () => {
    await issuer.stop();
    rmSync(folder, { recursive: true });
  });

  /** What Hermes prints. */
  function run(input: HermesInput): { message?: RelayMessage; result?: unknown; error?: string } {
    const file = join(folder, "device.js");
    writeFileSync(file, `var input = ${JSON.stringify(input)};\n${code}`);
    const { stdout, stderr, status } = spawnSync(hermes, [file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  }

  /** Runs the task to its end; what it sends goes to the sandbox. */
  async function perform(task: string, digits: string, cardholder: SolarisCardholder) {
    const { solaris, adyen, plumery } = cardholder.sandbox;
    const partner = await Partner.start(cardholder.sandbox);
    const relay = fetchRelay({ baseUrl: partner.url });
    const names: Record<string, string> = { ...adyen, ...plumery, ...solaris, cardId: solaris.cardAccountId };
    const answers: RelayAnswer[] = [];
    const random = [...randomBytes(4096)];
    try {
      for (;;) {
        const input = { task, names, digits: [...Buffer.from(digits)], random, answers: structuredClone(answers) };
        const { message, ...end } = run(input);
        if (message === undefined) return end;
        answers.push(await relay.send(message));
        if ((await cardholder.messages()).length > 0) names["otp"] = await cardholder.newestOtp();
      }
    } finally {
      partner.stop();
    }
  }

  for (const task of ["solaris", "solaris-sca"])
    test(`${task}: the sandbox opens and takes the PIN`, async () => {
      const cardholder = await SolarisCardholder.create(issuer.url);
      assert.deepEqual(await perform(task, "1928", cardholder), { result: null });
      assert.equal((await cardholder.verify("1928")).body.result, "match");
    });

  test("adyen: the sandbox takes the PIN, and what it reveals is opened", async () => {
    const cardholder = await SolarisCardholder.create(issuer.url);
    assert.deepEqual(await perform("adyen", "0193", cardholder), { result: [...Buffer.from("0193")] });
    assert.equal((await cardholder.verify("0193")).body.result, "match");
  });

  test("plumery: what the sandbox seals to the key that was made is opened", async () => {
    const cardholder = await SolarisCardholder.create(issuer.url);
    await cardholder.changePin("0193", await cardholder.bindDevice());
    assert.deepEqual(await perform("plumery", "", cardholder), { result: [...Buffer.from("0193")] });
  });

  test("venly: the sandbox opens body and header, of more than ASCII", async () => {
    const end = await perform("venly", "192837", await SolarisCardholder.create(issuer.url));
    assert.match(JSON.stringify(end), /transactionHash/);
  });

  for (const task of ["solaris", "solaris-sca", "adyen", "plumery", "venly"])
    test(`${task}: without a source of randomness it refuses`, () => {
      const input = { task, names: {}, digits: [...Buffer.from("1928")], answers: [] };
      assert.deepEqual(run({ ...input, random: null }), { error: "random_unavailable" });
    });
});

/** As a React Native app is built: its Babel preset, for Hermes. */
async function buildForHermes(): Promise<string> {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "hermes/device.ts")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    conditions: ["linchpin-source", "react-native"],
  });
  const transformed = await transformAsync(outputFiles[0]?.text ?? "", {
    configFile: false,
    babelrc: false,
    filename: "device.js",
    presets: [
      [
        fileURLToPath(import.meta.resolve("@react-native/babel-preset")),
        { unstable_transformProfile: "default", enableBabelRuntime: false },
      ],
    ],
  });
  return transformed?.code ?? "";
}
