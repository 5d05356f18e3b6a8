import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type LineProgram, startLineProgram } from "@linchpin/test-fixtures/system/line-program";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { call } from "@linchpin/testing/call";
import { NativeCardholder } from "@linchpin/testing/native";

const python = "/usr/bin/python3";
const leftOut = needsProgram([python, "-c", "import cryptography"], "python3-cryptography");

describe("the native protocol without a line of ours, by python3-cryptography", { skip: leftOut }, () => {
  let issuer: SandboxIssuer;
  let client: LineProgram;
  before(async () => {
    issuer = await startSandboxIssuer();
    client = startLineProgram(python, join(import.meta.dirname, "python/native_client.py"));
  });
  after(async () => {
    client.stop();
    await issuer.stop();
  });

  const step = (name: string, input: object) => client.ask({ step: name, ...input });

  /** One operation, from the request for a session to the outcome. The relay is this test. */
  async function operate(
    holder: NativeCardholder,
    wish: { op: string; auth: string; device?: { scalar: string } },
    secrets: (sent: { session: string }) => object | Promise<object> = () => ({}),
  ) {
    const { cardId, roots, issuerKeysUrl } = holder.sandbox.native;
    const asked = await step("ask", { ...wish, card: cardId });
    const { status, body } = await holder.partner("/sessions", asked.request);
    assert.equal(status, 200, JSON.stringify(body));
    const manifest = body.manifest ?? (await call("GET", issuerKeysUrl)).body;
    const pinned = { issuer: new URL(issuerKeysUrl).origin, roots };
    const sealed = await step("seal", {
      ...{ state: asked.state, session: body.session, manifest, ...pinned },
      secrets: await secrets(body),
    });
    assert.equal(sealed.refused, undefined, sealed.refused);
    const answer = (await holder.partner("/operations", sealed.request)).body.answer;
    return { scalar: asked.state.scalar, outcome: await step("accept", { state: sealed.state, answer }), sealed };
  }

  const codes =
    (holder: NativeCardholder, more: object = {}) =>
    async () => ({
      ...{ code: await holder.newestCode(), digits: await holder.lastDigits() },
      ...more,
    });

  async function bound() {
    const holder = await NativeCardholder.create(issuer.url);
    const { scalar, outcome } = await operate(holder, { op: "bind", auth: "code" }, codes(holder));
    assert.equal(outcome.result, "bound");
    assert.equal(outcome.sub, holder.sandbox.native.personId);
    return { holder, device: { auth: "device", device: { scalar } } };
  }

  it("binds, changes, verifies and reveals", async () => {
    const { holder, device } = await bound();
    const change = await operate(holder, { op: "pin-change", ...device }, () => ({ pin: "1928" }));
    assert.deepEqual(change.outcome, { result: "changed", version: 1 });
    const verify = async (pin: string) =>
      (await operate(holder, { op: "pin-verify", ...device }, () => ({ pin }))).outcome;
    assert.deepEqual(await verify("1928"), { result: "match" });
    assert.deepEqual(await verify("4711"), { result: "mismatch", remaining: 2 });
    assert.equal((await operate(holder, { op: "pin-reveal", ...device })).outcome.pin, "1928");
    const { outcome } = await operate(holder, { op: "card-reveal", ...device });
    assert.equal(outcome.pan.slice(-8), await holder.lastDigits());
    assert.match(outcome.cvv2, /^\d{3,4}$/);
  });

  it("sets a PIN by a code, where the program allows it", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const program = { name: "By code", settings: { changeByCode: true } };
    const { id: programId } = (await holder.operator("POST", "/programs", program)).body;
    const card = { personId: holder.sandbox.native.personId, programId };
    const { id, names } = (await holder.operator("POST", "/cards", card)).body;
    const data = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
    assert.equal((await holder.operator("PUT", `/cards/${id}/data`, data)).status, 204);
    const { sandbox } = holder;
    const ofProgram = await NativeCardholder.of({ ...sandbox, native: { ...sandbox.native, cardId: names.native } });
    const secrets = async () => ({ pin: "192837", code: await holder.newestCode(), digits: "12345670" });
    const { outcome } = await operate(ofProgram, { op: "pin-change", auth: "code" }, secrets);
    assert.deepEqual(outcome, { result: "refused", code: "pin_refused" }); // six digits, where the policy has four
    const again = async () => ({ ...(await secrets()), pin: "1928" });
    const second = await operate(ofProgram, { op: "pin-change", auth: "code" }, again);
    assert.deepEqual(second.outcome, { result: "changed", version: 1 });
  });

  it("binds with the present PIN, where the program asks for it", async () => {
    const { sandbox } = await NativeCardholder.create(issuer.url);
    const operator = (path: string, body: object, method = "POST") =>
      call(method, `${sandbox.issuer.baseUrl}${path}`, { bearer: sandbox.issuer.apiKey, body });
    const program = { name: "Present PIN", settings: { presentPinToBind: true } };
    const { id: programId } = (await operator("/programs", program)).body;
    const { id, names } = (await operator("/cards", { personId: sandbox.native.personId, programId })).body;
    const data = { pan: "9999990012345670", cvv2: "123", expiration: { month: 7, year: 2031 } };
    assert.equal((await operator(`/cards/${id}/data`, data, "PUT")).status, 204);
    const holder = await NativeCardholder.of({ ...sandbox, native: { ...sandbox.native, cardId: names.native } });
    const secrets = (more: object) => async () => ({ code: await holder.newestCode(), digits: "12345670", ...more });
    const bind = { op: "bind", auth: "code" };
    const { scalar } = await operate(holder, bind, secrets({}));
    await operate(holder, { op: "pin-change", auth: "device", device: { scalar } }, () => ({ pin: "1928" }));
    const wrong = await operate(holder, bind, secrets({ pin: "4711" }));
    assert.deepEqual(wrong.outcome, { result: "refused", code: "pin_refused" });
    assert.equal((await operate(holder, bind, secrets({ pin: "1928" }))).outcome.result, "bound");
  });

  it("is refused a wrong code, signed, and is told what its message did when it is sent twice", async () => {
    const holder = await NativeCardholder.create(issuer.url);
    const wrong = await operate(holder, { op: "bind", auth: "code" }, codes(holder, { code: "000000" }));
    assert.deepEqual(wrong.outcome, { result: "refused", code: "code_incorrect" });
    const { sealed } = await operate(holder, { op: "bind", auth: "code" }, codes(holder));
    const { answer } = (await holder.partner("/operations", sealed.request)).body;
    assert.equal((await step("accept", { state: sealed.state, answer })).result, "bound");
    const altered = answer.replace(/.{4}$/, "AAAA");
    assert.equal(typeof (await step("accept", { state: sealed.state, answer: altered })).refused, "string");
  });

  it("believes no session for another card, and no roots but those that are pinned", async () => {
    const { holder, device } = await bound();
    const other = await NativeCardholder.create(issuer.url);
    const { cardId, roots, issuerKeysUrl } = holder.sandbox.native;
    const asked = await step("ask", { op: "pin-change", ...device, card: cardId });
    const { body } = await holder.partner("/sessions", asked.request);
    const manifest = (await call("GET", issuerKeysUrl)).body;
    const terms = {
      issuer: new URL(issuerKeysUrl).origin,
      roots,
      secrets: { pin: "1928" },
      session: body.session,
      manifest,
    };
    const swapped = { ...asked.state, request: { ...asked.request, card: other.sandbox.native.cardId } };
    assert.equal((await step("seal", { ...terms, state: swapped })).refused, "another card");
    const noRoots = await step("seal", { ...terms, state: asked.state, roots: [] });
    assert.equal(noRoots.refused, "a root that is not pinned");
  });
});
