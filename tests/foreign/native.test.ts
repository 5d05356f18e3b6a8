import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { NativeCardholder } from "@linchpin/testing/native";

const python = "/usr/bin/python3";
const leftOut = needsProgram([python, "-c", "import cryptography"], "python3-cryptography");
// biome-ignore lint/suspicious/noExplicitAny: a step's answer
type Json = any;
const step = (name: string, given: object): Json =>
  JSON.parse(
    execFileSync(python, [join(import.meta.dirname, "native_client.py")], {
      encoding: "utf8",
      input: `${JSON.stringify({ step: name, ...given })}\n`,
      stdio: ["pipe", "pipe", "pipe"],
    }),
  );

describe("every native operation without a line of ours, by python3-cryptography", { skip: leftOut }, () => {
  let issuer: SandboxIssuer;
  let holder: NativeCardholder;
  let digits: string;
  let device: { scalar: string };

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await NativeCardholder.create(issuer.url);
    digits = await holder.lastDigits();
  });
  after(() => issuer.stop());

  /** The relay passes on; `secrets` are made once the code is there. */
  async function perform(op: string, auth: string, secrets: () => Promise<object>, alter = (answer: string) => answer) {
    const { native } = holder.sandbox;
    const asked = step("ask", { op, auth, card: native.cardId, ...(auth === "device" ? { device } : {}) });
    const { body } = await holder.partner("/sessions", asked.request);
    const terms = { issuer: issuer.url, roots: native.roots, session: body.session, manifest: body.manifest };
    const sealed = step("seal", { state: asked.state, ...terms, secrets: await secrets() });
    assert.equal(sealed.shown.holder, "Robin Example");
    const answered = await holder.partner("/operations", sealed.request);
    const outcome = step("accept", { state: sealed.state, answer: alter(answered.body.answer) });
    return { outcome, scalar: asked.state.scalar };
  }

  it("binds", async () => {
    const { outcome, scalar } = await perform("bind", "code", async () => ({
      code: await holder.newestCode(),
      digits,
    }));
    assert.equal(outcome.result, "bound");
    assert.equal(outcome.sub, holder.sandbox.native.personId);
    device = { scalar };
  });

  it("sets a PIN, and is told of one that the policy refuses", async () => {
    const changeTo = async (pin: string) => (await perform("pin-change", "device", async () => ({ pin }))).outcome;
    assert.deepEqual(await changeTo("1928"), { result: "changed", version: 1 });
    assert.deepEqual(await changeTo("1111"), { result: "refused", code: "pin_refused" });
  });

  it("compares it", async () => {
    const verify = async (pin: string) => (await perform("pin-verify", "device", async () => ({ pin }))).outcome;
    assert.deepEqual(await verify("1928"), { result: "match" });
    assert.deepEqual(await verify("8264"), { result: "mismatch", remaining: 2 });
  });

  it("reads PIN and card", async () => {
    const { outcome } = await perform("pin-reveal", "device", async () => ({}));
    assert.deepEqual(outcome, { result: "revealed", pin: "1928" });
    const { outcome: card } = await perform("card-reveal", "device", async () => ({}));
    assert.equal(card.pan.slice(-8), digits);
    assert.match(`${card.cvv2} ${card.expiry}`, /^\d{3} \d{4}$/);
  });

  it("believes no answer that was altered", async () => {
    const altered = (answer: string) => `${answer.slice(0, -4)}AAAA`;
    const { outcome } = await perform("pin-verify", "device", async () => ({ pin: "1928" }), altered);
    assert.ok(outcome.refused !== undefined, JSON.stringify(outcome));
  });
});
