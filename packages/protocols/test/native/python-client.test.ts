import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createECDH } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, suite, test } from "node:test";
import { signJws, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import {
  hasCodeAndDigits,
  isReveal,
  isSigned,
  makeSession,
  openMessage,
  parseMessage,
  parseSession,
  parseSessionRequest,
  readPin,
  revealCardData,
  revealPin,
  signAnswer,
  signSession,
  spentOutcome,
  verifyDeviceSignature,
  verifySession,
} from "@linchpin/protocols/native/issuer";
import type { Outcome, SessionClaims, SignedOutcome } from "@linchpin/protocols/native/wire";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { card, code, digits, factsOf, iss, makeIssuer, manifestOf, newPin, now, pinsOf, signerOf } from "./stage.ts";

const python = "/usr/bin/python3";
const leftOut = needsProgram([python, "-c", "import cryptography"], "python3-cryptography");
const program = join(import.meta.dirname, "../../../../tests/foreign/python/native_client.py");

/** One process for all: each answers a line by a line. */
const { stdin, stdout, process } = startClient();
after(() => process?.kill());

function startClient() {
  if (leftOut) return {};
  const process = spawn(python, [program], { stdio: ["pipe", "pipe", "inherit"] });
  return { process, stdin: process.stdin, stdout: createInterface(process.stdout)[Symbol.asyncIterator]() };
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of the client's
async function client(step: "ask" | "seal" | "accept", input: object): Promise<any> {
  stdin?.write(`${JSON.stringify({ step, ...input })}\n`);
  return JSON.parse((await stdout?.next())?.value ?? "");
}

const deviceScalar = "48420d4ede8e54d57c6e5c025b8435f3f2cce2cd591596398763ffc38b091de1";
const ecdh = createECDH("prime256v1");
ecdh.setPrivateKey(deviceScalar, "hex");
const devicePoint = Uint8Array.from(ecdh.getPublicKey());
const issuer = await makeIssuer();
const relay = await makeIssuer();
const pinned = { issuer: iss, roots: pinsOf(issuer).roots, now };
const secrets = { pin: "1928", code, digits };

/** The issuer's half of a session, with claims changed. */
async function sessionFor(request: Parameters<typeof parseSessionRequest>[1], changed: Partial<SessionClaims> = {}) {
  const terms = await parseSessionRequest(primitives, request);
  const claims = { ...makeSession(primitives, terms, factsOf(issuer), now), ...changed };
  const session = await signSession(claims, signerOf(issuer));
  return { session };
}

/** An operation by the Python client, until the issuer has the message open. */
async function operate(op: string, auth: string) {
  const asked = await client("ask", {
    op,
    auth,
    card,
    ...(auth === "device" ? { device: { scalar: deviceScalar } } : {}),
  });
  const { session: compact } = await sessionFor(asked.request);
  const manifest = await manifestOf(issuer);
  const sealed = await client("seal", { state: asked.state, session: compact, manifest, ...pinned, secrets });
  const session = await verifySession(primitives, parseSession(compact), issuer.signer.publicPoint, now);
  const message = await parseMessage(primitives, sealed.request, session);
  const answerWith = async (outcome: SignedOutcome, signer = signerOf(issuer)) => {
    const answer = await signAnswer({ session, message }, outcome, now, signer);
    return client("accept", { state: sealed.state, answer });
  };
  return { asked, compact, manifest, sealed, session, message, answerWith };
}

const every = [
  ["bind", "code", { result: "bound" }],
  ["pin-change", "device", { result: "changed", version: 5 }],
  ["pin-change", "code", { result: "changed", version: 5 }],
  ["pin-verify", "device", { result: "mismatch", remaining: 2 }],
  ["pin-reveal", "device", { result: "revealed", pin: "0480" }],
  ["card-reveal", "device", { result: "revealed", pan: "4000123456789012", cvv2: "042", expiry: "3107" }],
] as const;

suite("a client in Python, written after the README", { skip: leftOut }, () => {
  for (const [op, auth, expected] of every)
    test(`does ${op} by ${auth}`, async () => {
      const { sealed, session, message, answerWith } = await operate(op, auth);
      const { sub, device } = session.claims;
      if (isSigned(session.claims))
        await verifyDeviceSignature(primitives, session, message, message.keyPoint ?? devicePoint);
      assert.equal(sealed.shown.holder, "Zoë Müller");
      if (isReveal(op)) {
        const data = { pan: utf8("4000123456789012"), cvv2: utf8("042"), expiry: utf8("3107") };
        const answered = { session, message };
        const outcome =
          op === "pin-reveal"
            ? await revealPin(primitives, answered, newPin("0480"))
            : await revealCardData(primitives, answered, data);
        assert.deepEqual(await answerWith(outcome), expected);
        return;
      }
      const parts = await openMessage(primitives, issuer.hpke, session, message);
      assert.equal(hasCodeAndDigits(parts, { code: utf8(code), digits: utf8(digits) }), auth === "code");
      if (op !== "bind") assert.ok(readPin(parts).equals(newPin("1928")));
      const outcome = (op === "bind" ? { result: "bound", device, sub } : expected) as Outcome as SignedOutcome;
      assert.deepEqual(await answerWith(outcome), outcome);
      assert.deepEqual(await answerWith({ result: "refused", code: "card_blocked" }), {
        result: "refused",
        code: "card_blocked",
      });
      assert.deepEqual(await answerWith(spentOutcome(message.hash, outcome as Outcome)), outcome);
      assert.deepEqual(await answerWith(spentOutcome(new Uint8Array(32), outcome as Outcome)), { result: "spent" });
    });

  test("refuses what our device half refuses", async () => {
    const { asked, compact, manifest, answerWith } = await operate("pin-change", "device");
    const seal = async (more: object) =>
      (await client("seal", { state: asked.state, session: compact, manifest, ...pinned, secrets, ...more })).refused;
    const refused: object[] = [
      { manifest: await manifestOf(relay) },
      { manifest: await manifestOf(issuer, { seq: 6 }) },
      { manifest: await manifestOf(issuer, { keys: [] }) },
      { lowest_seq: 8 },
      { issuer: "https://other.example" },
      { roots: pinsOf(relay).roots },
      { now: now + 2 * 86_400 },
      { sub: "person_2" },
      { session: manifest },
    ];
    for (const changed of [
      { nonce: "x" },
      { op: "pin-verify" },
      { auth: "code" },
      { device: null },
      { hpke: "x" },
    ] as const)
      refused.push({ session: (await sessionFor(asked.request, changed as Partial<SessionClaims>)).session });
    const claims = makeSession(primitives, await parseSessionRequest(primitives, asked.request), factsOf(issuer), now);
    refused.push({ session: await signSession(claims, signerOf(relay)) });
    refused.push({ session: await signSession(claims, { ...signerOf(relay), kid: issuer.signerKid }) });
    refused.push({
      session: await signJws({ typ: "JWT", kid: issuer.signerKid, payload: claims }, issuer.signer.sign),
    });
    for (const [index, more] of refused.entries()) assert.equal(typeof (await seal(more)), "string", `${index}`);
    assert.equal(await seal({}), undefined);
    const wrong: SignedOutcome[] = [{ result: "changed", version: 6 }, { result: "match" }];
    for (const outcome of wrong) assert.equal(typeof (await answerWith(outcome)).refused, "string");
    const forged = await answerWith({ result: "changed", version: 5 }, signerOf(relay));
    assert.equal(typeof forged.refused, "string");
  });
});
