import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  base64urlFromBytes,
  bytesFromBase64url,
  bytesFromHex,
  concatBytes,
  hexFromBytes,
  Pin,
  type Primitives,
  type SigningKey,
  signJws,
} from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  type AcceptedSession,
  acceptAnswer,
  acceptSession,
  makeRevealMessage,
  makeSealedMessage,
  makeSessionRequest,
  openRevealedCardData,
  openRevealedPin,
  type SessionTerms,
} from "@linchpin/protocols/native/device";
import type { SessionClaims } from "@linchpin/protocols/native/wire";
import {
  card,
  code,
  digits,
  iss,
  makeIssuer,
  manifestOf,
  newPin,
  now,
  openSession,
  pinsOf,
  signerOf,
  sub,
  thumbprintOfPoint,
} from "./stage.ts";
import * as python from "./vectors.ts";

const termsOf = (vector: python.Vector): SessionTerms => ({
  request: vector.sessionRequest,
  pins: python.pins,
  lowestSeq: 0,
  sub: python.sub,
  clockSeconds: python.clockSeconds,
});

/** As the vector has it: its one-time keys, and its PIN field's random half. */
const repeating = (primitives: Primitives, ephemeral: "ephemeral" | "reveal"): Primitives => ({
  ...primitives,
  makeAgreementKey: async () => python.agreementKeyOf(ephemeral),
  randomBytes: (length) => Uint8Array.from({ length }, (_, index) => index),
});

/** The PIN of a plaintext's PIN field, if there is one. */
function secretsOf({ plaintext = "" }: python.Vector) {
  const length = Number.parseInt(plaintext.charAt(1), 16);
  const pin = length > 0 ? new Pin(new TextEncoder().encode(plaintext.slice(2, 2 + length))) : undefined;
  return { ...(pin && { pin }), code: python.code, digits: python.digits };
}

const platforms = { "node:crypto": nodeCryptoPrimitives, WebCrypto: webCryptoPrimitives };

for (const [platform, primitives] of Object.entries(platforms))
  for (const [index, vector] of python.vectors.entries())
    suite(`${vector.op} by ${vector.auth} (${index}) of ${python.source}, on ${platform}`, () => {
      const accepted = acceptSession(
        primitives,
        { session: vector.session, manifest: python.manifest },
        termsOf(vector),
      );
      const bytes = bytesFromBase64url(vector.operationRequest.message);

      test("the session is accepted, with its hash", async () => {
        const { hash, claims } = await accepted;
        assert.equal(hexFromBytes(hash), vector.h);
        assert.equal(claims.holder, "Zoë Müller");
      });

      test("the message is the same to the byte, and so is what is signed", async () => {
        const signed: string[] = [];
        const key = python.signingKeyOf(vector.op === "bind" ? "bound" : "device");
        const recording: SigningKey = {
          ...key,
          sign: (data) => {
            signed.push(hexFromBytes(data));
            return key.sign(data);
          },
        };
        const signer = vector.signed === undefined ? undefined : recording;
        const message = vector.op.endsWith("-reveal")
          ? await makeRevealMessage(repeating(primitives, "reveal"), await accepted, recording)
          : await makeSealedMessage(repeating(primitives, "ephemeral"), await accepted, secretsOf(vector), signer);
        assert.equal(hexFromBytes(message.hash), vector.r);
        assert.deepEqual(signed, vector.signed === undefined ? [] : [vector.signed]);
        const { signature, ...request } = message.request;
        const { signature: signatureOfVector, ...expected } = vector.operationRequest;
        assert.equal(typeof signature, typeof signatureOfVector);
        assert.deepEqual(request, expected);
      });

      test("the answers are accepted", async () => {
        const message = { hash: await primitives.sha256(bytes) };
        const accept = async (answer: string) => acceptAnswer(primitives, answer, await accepted, message);
        assert.deepEqual(await accept(vector.answer), vector.outcome);
        assert.deepEqual(await accept(vector.refusal), { result: "refused", code: "card_blocked" });
        assert.equal((await accept(vector.spent)).result, "spent");
      });

      if (vector.sealed === undefined) return;
      const sealed = base64urlFromBytes(bytesFromHex(vector.sealed));
      test("what was revealed opens", async () => {
        const revealKey = python.agreementKeyOf("reveal");
        const revealed = { session: await accepted, message: { hash: bytesFromHex(vector.r), revealKey }, sealed };
        if (vector.op === "pin-reveal") assert.ok((await openRevealedPin(primitives, revealed)).equals(newPin("0480")));
        else
          assert.deepEqual(await openRevealedCardData(primitives, revealed), {
            pan: "5555550123456789",
            cvv2: "042",
            expiry: "3107",
          });
        const other = { ...revealed, session: { hash: bytesFromHex(vector.r) } };
        for (const open of [openRevealedPin, openRevealedCardData])
          await assert.rejects(open(primitives, other), { code: "decryption_failed" });
        const wrongWay = vector.op === "pin-reveal" ? openRevealedCardData : openRevealedPin;
        await assert.rejects(wrongWay(primitives, revealed), { code: "decryption_failed" });
      });
    });

suite("a session that is not the issuer's, or not for this", async () => {
  const primitives = nodeCryptoPrimitives;
  const issuer = await makeIssuer();
  const relay = await makeIssuer();
  const key = await primitives.makeSigningKey();
  const device = await thumbprintOfPoint(key.publicPoint);
  const stranger = await thumbprintOfPoint((await primitives.makeSigningKey()).publicPoint);
  const { question, session } = await openSession(issuer, { op: "pin-change", auth: "device", card, device });
  const manifest = await manifestOf(issuer);

  /** The session with claims changed, by the issuer's key or another. */
  const signed = (
    changed: Partial<SessionClaims> = {},
    { signer = signerOf(issuer), typ = "linchpin-session+jwt" } = {},
  ) => signJws({ typ, kid: signer.kid, payload: { ...session.claims, ...changed } }, signer.sign);
  const refuses = async (compact: unknown, code: string, terms: Partial<SessionTerms> = {}, by: unknown = manifest) =>
    assert.rejects(acceptSession(primitives, { session: compact, manifest: by }, { ...question, ...terms }), { code });

  test("is accepted where nothing is changed, and where members are added", async () => {
    for (const compact of [await signed(), await signed({ later: true } as never)])
      await acceptSession(primitives, { session: compact, manifest }, question);
  });

  test("the relay's own key, named or passed off as the issuer's", async () => {
    await refuses(await signed({}, { signer: signerOf(relay) }), "issuer_key_unvouched");
    const passedOff = { kid: issuer.signerKid, sign: relay.signer.sign };
    await refuses(await signed({}, { signer: passedOff }), "signature_invalid");
  });

  test("the relay's own manifest", async () => {
    const forged = await signed({ hpke: relay.hpkeKid }, { signer: signerOf(relay) });
    await refuses(forged, "manifest_refused", {}, await manifestOf(relay));
  });

  test("a key of another purpose, an HPKE key of another purpose or algorithm, a key out of its time", async () => {
    const { keys } = JSON.parse(Buffer.from(manifest.split(".")[1] as string, "base64url").toString());
    const listing = (change: (key: Record<string, unknown>) => object) =>
      manifestOf(issuer, { keys: keys.map((key: Record<string, unknown>) => ({ ...key, ...change(key) })) });
    const compact = await signed();
    const only = (purpose: string, changed: object) => listing((key) => (key["purpose"] === purpose ? changed : {}));
    for (const purpose of ["native-signing", "native-hpke"])
      for (const changed of [
        { purpose: "native-root" },
        { alg: "other" },
        { nbf: now + 1 },
        { exp: now },
        { kid: "x" },
      ])
        await refuses(compact, "issuer_key_unvouched", {}, await only(purpose, changed));
    await refuses(await signed({ hpke: issuer.signerKid }), "issuer_key_unvouched");
    await refuses(await signed({ hpke: relay.hpkeKid }), "issuer_key_unvouched");
  });

  test("a rollback: a manifest older than one that was seen, or than the session's", async () => {
    await refuses(await signed(), "manifest_refused", { lowestSeq: 8 });
    await refuses(await signed({ seq: 8 }), "manifest_refused");
    await refuses(await signed({ seq: undefined } as never), "manifest_refused");
  });

  test("a manifest that the session's time shows to be over, whatever the device's clock says", async () => {
    await refuses(await signed({ iat: now + 86_400 }), "manifest_expired", { clockSeconds: 0 });
    await refuses(await signed({ iat: "0" } as never), "manifest_expired", { clockSeconds: Number.NaN });
    await refuses(await signed(), "manifest_expired", { clockSeconds: now + 365 * 86_400 });
    // A clock that is a year behind harms nothing: the session proves the issuer's time.
    await acceptSession(
      primitives,
      { session: await signed(), manifest },
      { ...question, clockSeconds: now - 365 * 86_400 },
    );
  });

  test("another session's: nonce, operation, authorization, card, device, person, issuer", async () => {
    const wrong: Record<string, Partial<SessionClaims>> = {
      "a stored session, played back": { nonce: base64urlFromBytes(new Uint8Array(16)) },
      "another operation": { op: "pin-verify" },
      "a code where the device is to sign": { auth: "code" },
      "no device": { device: null },
      "another device": { device: stranger },
      "another card": { card: { ...session.claims.card, ref: "card_2" } },
      "no card": { card: undefined } as never,
      "a card without digits to show": { card: { ...session.claims.card, last4: "" } },
      "a card with other digits than four": { card: { ...session.claims.card, last4: "12345" } },
      "another issuer": { iss: "https://other.example" },
    };
    for (const changed of Object.values(wrong)) await refuses(await signed(changed), "session_refused");
    await refuses(await signed({ sub: "person_2" }), "session_refused", { sub });
  });

  test("for a device where a code was asked for: none stands in it", async () => {
    const { question: byCode, session: codes } = await openSession(issuer, { op: "pin-change", auth: "code", card });
    const compact = await signed({ ...codes.claims, device });
    await refuses(compact, "session_refused", byCode);
  });

  test("for another key than the one to bind, or without the name that is shown beside a code", async () => {
    const { question: binding, session: bind } = await openSession(issuer, { op: "bind", auth: "code", card, key });
    for (const other of [stranger, null])
      await refuses(await signed({ ...bind.claims, device: other }), "session_refused", binding);
    for (const holder of ["", " ", undefined])
      await refuses(await signed({ ...bind.claims, holder } as SessionClaims), "session_refused", binding);
  });

  test("no JWS of its type", async () => {
    const compact = await signed();
    for (const typ of ["JWT", "linchpin-answer+jwt", "jwk-set+jwt"])
      await refuses(await signed({}, { typ }), "signature_invalid");
    for (const other of [
      undefined,
      null,
      {},
      "",
      "a.b.c",
      `${compact}.`,
      compact.slice(0, -1),
      compact.replace(".", ".."),
    ])
      await refuses(other, "signature_invalid");
    await refuses(await signed({ holder: "x".repeat(2000) }), "signature_invalid");
    for (const other of [null, {}, "", compact]) await refuses(compact, "manifest_refused", {}, other);
  });

  test("each is asked for by a nonce of its own", () => {
    const requests = [1, 2].map(() => makeSessionRequest(primitives, { op: "pin-change", auth: "code", card }));
    assert.notEqual(requests[0]?.nonce, requests[1]?.nonce);
    assert.deepEqual(Object.keys(requests[0] ?? {}), ["op", "auth", "card", "nonce"]);
  });
});

suite("what is sealed", async () => {
  const primitives = nodeCryptoPrimitives;
  const issuer = await makeIssuer();
  const key = await primitives.makeSigningKey();
  const device = await thumbprintOfPoint(key.publicPoint);

  test("has one length, whatever PIN and code", async () => {
    const byDevice = await openSession(issuer, { op: "pin-change", auth: "device", card, device });
    const byCode = await openSession(issuer, { op: "pin-change", auth: "code", card });
    const bind = await openSession(issuer, { op: "bind", auth: "code", card, key });
    const lengths = new Set<number>();
    const seal = async (accepted: AcceptedSession, pin: string, typed: string, signer?: SigningKey) => {
      const secrets = { pin: newPin(pin), code: typed, digits };
      const { request } = await makeSealedMessage(primitives, accepted, secrets, signer);
      lengths.add(request.message.length);
    };
    for (const pin of ["1928", "123456789012"])
      for (const typed of [code, "1234567890123456"]) {
        await seal(byDevice.accepted, pin, typed, key);
        await seal(byCode.accepted, pin, typed);
        await seal(bind.accepted, pin, typed, key);
      }
    assert.deepEqual([...lengths], [172]);
  });

  test("needs a code, eight digits and a PIN, where they are due", async () => {
    const { accepted } = await openSession(issuer, { op: "pin-change", auth: "code", card });
    const whole = { pin: newPin(), code, digits };
    const lacking = [
      { code: "" },
      { code: "12345678901234567" },
      { code: "1 2" },
      { code: "ü" },
      { digits: "5678901" },
    ];
    for (const wrong of [...lacking, { digits: "567890123" }, { digits: "5678901a" }, { digits: "" }])
      await assert.rejects(makeSealedMessage(primitives, accepted, { ...whole, ...wrong }), { code: "code_incorrect" });
    await assert.rejects(makeSealedMessage(primitives, accepted, { code, digits }), { code: "pin_malformed" });
  });
});

suite("an answer that is not the issuer's, or not to this", async () => {
  const primitives = nodeCryptoPrimitives;
  const issuer = await makeIssuer();
  const relay = await makeIssuer();
  const key = await primitives.makeSigningKey();
  const device = await thumbprintOfPoint(key.publicPoint);

  const { accepted } = await openSession(issuer, { op: "pin-change", auth: "device", card, device });
  const message = await makeSealedMessage(primitives, accepted, { pin: newPin() }, key);
  const claims = {
    ...{ iss, sid: accepted.claims.sid, h: base64urlFromBytes(accepted.hash), r: base64urlFromBytes(message.hash) },
    ...{ iat: now, op: "pin-change", result: "changed", version: 5 },
  };
  const signed = (changed: object = {}, { signer = signerOf(issuer), typ = "linchpin-answer+jwt" } = {}) =>
    signJws({ typ, kid: signer.kid, payload: { ...claims, ...changed } }, signer.sign);
  const refuses = async (answer: unknown, code: string, session = accepted) =>
    assert.rejects(acceptAnswer(primitives, answer, session, message), { code });

  test("is accepted as it is, and with members that are not known", async () => {
    const answer = await signed({ later: 1 });
    const outcome = await acceptAnswer(primitives, answer, accepted, message);
    assert.equal(outcome.result, "changed");
  });

  test("the relay's key, named or passed off; a session in its place; another type", async () => {
    await refuses(await signed({}, { signer: signerOf(relay) }), "issuer_key_unvouched");
    const passedOff = { kid: issuer.signerKid, sign: relay.signer.sign };
    await refuses(await signed({}, { signer: passedOff }), "signature_invalid");
    await refuses(message.request.session, "signature_invalid");
    for (const typ of ["JWT", "linchpin-session+jwt"]) await refuses(await signed({}, { typ }), "signature_invalid");
    for (const other of [undefined, null, {}, "", "a.b", `${await signed()}.`])
      await refuses(other, "signature_invalid");
    await refuses(await signed({ padding: "x".repeat(2000) }), "signature_invalid");
  });

  test("to another issuer's, session, message or operation", async () => {
    const other = base64urlFromBytes(new Uint8Array(32));
    for (const changed of [
      { iss: "https://x.example" },
      { sid: other },
      { h: other },
      { r: other },
      { op: "pin-verify" },
    ])
      await refuses(await signed(changed), "answer_refused");
  });

  test("nothing that the operation ends with: another's result, another version", async () => {
    const impossible = [
      ...["bound", "match", "mismatch", "blocked", "revealed", "done", "", undefined].map((result) => ({ result })),
      ...[4, 6, "5", undefined].map((version) => ({ version })),
      { result: "refused" },
      { result: "spent" },
      { result: "spent", spent: { r: claims.r, result: "match" } },
      { result: "spent", spent: { r: claims.r, result: "changed", version: 6 } },
    ];
    for (const changed of impossible) await refuses(await signed(changed), "answer_refused");
  });

  test("that names another device or person than the one that was bound", async () => {
    const bind = await openSession(issuer, { op: "bind", auth: "code", card, key });
    const sent = await makeSealedMessage(primitives, bind.accepted, { code, digits }, key);
    const said = {
      ...{ iss, sid: bind.accepted.claims.sid, h: base64urlFromBytes(bind.accepted.hash) },
      ...{ r: base64urlFromBytes(sent.hash), op: "bind", result: "bound", version: undefined, device, sub },
    };
    const accept = async (changed: object) =>
      acceptAnswer(primitives, await signed({ ...said, ...changed }), bind.accepted, sent);
    assert.equal((await accept({})).result, "bound");
    for (const changed of [{ device: "x" }, { sub: "person_2" }, { device: undefined }])
      await assert.rejects(accept(changed), { code: "answer_refused" });
  });

  test("of a verification without the tries, of a reveal without what was revealed", async () => {
    const verify = await openSession(issuer, { op: "pin-verify", auth: "device", card, device });
    const reveal = await openSession(issuer, { op: "pin-reveal", auth: "device", card, device });
    for (const [{ accepted: session }, said] of [
      [verify, { op: "pin-verify", result: "mismatch" }],
      [reveal, { op: "pin-reveal", result: "revealed" }],
    ] as const) {
      const to = { sid: session.claims.sid, h: base64urlFromBytes(session.hash), ...said };
      await refuses(await signed(to), "answer_refused", session);
    }
  });

  test("of one's own message, sent twice, is that of the first; of another message it is none", async () => {
    const first = { r: claims.r, result: "changed", version: 5 };
    const accept = async (spent: object) =>
      acceptAnswer(primitives, await signed({ result: "spent", version: undefined, spent }), accepted, message);
    assert.deepEqual(await accept(first), { result: "changed", version: 5 });
    const other = base64urlFromBytes(concatBytes(new Uint8Array(32)));
    assert.equal((await accept({ ...first, r: other })).result, "spent");
    assert.deepEqual(await accept({ r: claims.r, result: "refused", code: "pin_reused" }), {
      result: "refused",
      code: "pin_reused",
    });
  });

  test("pins of another issuer", async () => {
    const { question, compact } = await openSession(issuer, { op: "pin-change", auth: "device", card, device });
    const terms = { ...question, pins: { ...pinsOf(issuer), issuer: "https://other.example" } };
    const replies = { session: compact, manifest: await manifestOf(issuer) };
    await assert.rejects(acceptSession(primitives, replies, terms), { code: "manifest_refused" });
  });
});
