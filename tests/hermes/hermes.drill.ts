import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
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

/** What a person types, by task. */
const typed = {
  ...{ solaris: "1928", "solaris-sca": "1928", adyen: "1928", plumery: "", venly: "192837", spritz: "1928" },
  ...{ stripe: "1928", lithic: "1928", worldline: "1928", native: "1928" },
};

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
  async function perform(
    task: string,
    digits: string,
    cardholder: SolarisCardholder,
    { random = [...randomBytes(4096)], ...others }: { random?: number[]; roots?: string } = {},
  ) {
    const partner = await Partner.start(cardholder.sandbox);
    const names: Record<string, string> = { ...namesOf(cardholder.sandbox), ...others };
    const answers: PhoneAnswer[] = [];
    try {
      for (;;) {
        const given = { random, relayUrl: partner.url, answers: [...answers] };
        const { request, ...end } = await run({ task, names, digits: [...Buffer.from(digits)], ...given });
        if (request === undefined) return end;
        if (request.method === "GET") assert.match(request.url, /[?&]_=\d+$/, "as React Native's own fetch sends it");
        const response = await fetch(request.url, request);
        const type = response.headers.get("content-type") ?? undefined;
        answers.push({ status: response.status, text: await response.text(), type });
        if ((await cardholder.messages()).length > 0) names["otp"] ??= await cardholder.newestOtp();
      }
    } finally {
      partner.stop();
    }
  }

  for (const task of ["solaris", "solaris-sca", "stripe", "lithic"])
    test(`${task}: the sandbox opens and takes the PIN`, async () => {
      const cardholder = await SolarisCardholder.create(issuer.url);
      assert.deepEqual(await perform(task, "1928", cardholder), { result: null });
      assert.equal((await cardholder.verify("1928")).body.result, "match");
    });

  for (const task of ["adyen", "spritz", "worldline"])
    test(`${task}: the sandbox takes the PIN, and what it reveals is opened`, async () => {
      const cardholder = await SolarisCardholder.create(issuer.url);
      assert.deepEqual(await perform(task, "0193", cardholder), { result: [...Buffer.from("0193")] });
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

  test("native: the device is bound, the PIN set and compared, and PIN and card are shown", async () => {
    const cardholder = await SolarisCardholder.create(issuer.url);
    const { pan } = cardholder.sandbox.worldline;
    const { result, ...end } = await perform("native", "0193", cardholder);
    const last4 = pan.slice(-4);
    const shown = { verified: { result: "match" }, pin: [...Buffer.from("0193")], pan };
    assert.deepEqual([result, end], [{ ...shown, confirmed: [last4, last4, last4, last4] }, {}]);
  });

  for (const [task, digits] of Object.entries(typed)) {
    if (task === "plumery" || task === "native") continue; // No key of the issuer's is fetched, or a session comes with it.
    test(`${task}: a key that the pinned roots do not vouch for is refused`, async () => {
      const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const roots = JSON.stringify([publicKey.export({ format: "jwk" })]);
      const end = await perform(task, digits, await SolarisCardholder.create(issuer.url), { roots });
      assert.deepEqual(end, { error: "manifest_refused" });
    });
  }

  test("without a source of randomness there are no primitives", async () => {
    const input = { task: "adyen", names: {}, digits: [], relayUrl: "http://relay", answers: [], random: null };
    assert.deepEqual(await run(input), { error: "random_unavailable" });
  });

  for (const [task, digits] of Object.entries(typed))
    test(`${task}: a source that leaves bytes as they were is refused`, async () => {
      const end = await perform(task, digits, await SolarisCardholder.create(issuer.url), { random: [] });
      assert.deepEqual(end, { error: "random_unavailable" });
    });
});

/** By the names that `device.ts` asks for. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
function namesOf({ solaris, adyen, plumery, spritz, stripe, lithic, worldline, native }: any): Record<string, string> {
  return {
    ...{ ...adyen, ...plumery, ...solaris, cardId: solaris.cardAccountId },
    ...{ spritzCardId: spritz.cardId, spritzPublicKey: spritz.publicKey, stripeCardId: stripe.cardId },
    ...{ lithicCardToken: lithic.cardToken, worldlinePublicKey: worldline.keySets["01"] },
    ...{ cardReference: worldline.cardReference, pan: worldline.pan, nativeCardId: native.cardId },
    ...{ issuer: new URL(native.issuerKeysUrl).origin, roots: JSON.stringify(native.roots) },
  };
}
