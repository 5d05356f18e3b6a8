import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Partner } from "@linchpin/test-fixtures/device/partner";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import type { HermesInput } from "./device.ts";
import { buildForHermes, hermesIsMissing, runInHermes } from "./engine.ts";
import type { PhoneAnswer, PhoneRequest } from "./react-native-fetch.ts";

// React Native's worst case: Hermes has no WebCrypto, TextEncoder, atob or source of randomness. What the device library
// makes there goes by React Native's own `fetch` and the example relay to a sandbox, which opens it.

suite("the device library in Hermes", { skip: hermesIsMissing }, () => {
  let code: string;
  let issuer: SandboxIssuer;
  before(async () => {
    // One after the other: Babel holds the event loop for seconds, in which the issuer's database would seem to be silent.
    code = await buildForHermes({ entryPoints: [join(import.meta.dirname, "device.ts")] });
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  /** What Hermes prints. */
  function run(input: HermesInput): Promise<{ request?: PhoneRequest; result?: unknown; error?: string }> {
    return runInHermes(code, input);
  }

  /** Runs the task to its end; what it sends goes to the sandbox. */
  async function perform(task: string, digits: string, cardholder: SolarisCardholder) {
    const { solaris, adyen, plumery } = cardholder.sandbox;
    const partner = await Partner.start(cardholder.sandbox);
    const names: Record<string, string> = { ...adyen, ...plumery, ...solaris, cardId: solaris.cardAccountId };
    const answers: PhoneAnswer[] = [];
    const random = [...randomBytes(4096)];
    try {
      for (;;) {
        const given = { random, relayUrl: partner.url, answers: [...answers] };
        const { request, ...end } = await run({ task, names, digits: [...Buffer.from(digits)], ...given });
        if (request === undefined) return end;
        if (request.method === "GET") assert.match(request.url, /[?&]_=\d+$/, "as React Native's own fetch sends it");
        const response = await fetch(request.url, request);
        answers.push({ status: response.status, text: await response.text() });
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
    test(`${task}: without a source of randomness it refuses`, async () => {
      const input = { task, names: {}, digits: [...Buffer.from("1928")], relayUrl: "http://relay", answers: [] };
      assert.deepEqual(await run({ ...input, random: null }), { error: "random_unavailable" });
    });
});
