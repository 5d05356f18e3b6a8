import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  base64urlFromBytes,
  bytesFromBase64url,
  bytesFromHex,
  concatBytes,
  hexFromBytes,
  hpke7,
  LinchpinError,
  type Primitives,
  p256JwkFromPoint,
  sealHpke,
  signJws,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { makeRevealMessage, makeSealedMessage, type SessionWish } from "@linchpin/protocols/native/device";
import { signedRefusalOf } from "@linchpin/protocols/native/errors";
import {
  hasCodeAndDigits,
  makeSession,
  openMessage,
  parseMessage,
  parseSession,
  parseSessionRequest,
  readPin,
  revealCardData,
  revealPin,
  type Session,
  signAnswer,
  signSession,
  spentOutcome,
  verifyDeviceSignature,
  verifySession,
} from "@linchpin/protocols/native/issuer";
import { labels, refusalCodes } from "@linchpin/protocols/native/layout";
import { OperationRequest, SessionRequest } from "@linchpin/protocols/native/wire";
import Value from "typebox/value";
import {
  card,
  code,
  digits,
  factsOf,
  makeIssuer,
  newPin,
  now,
  openSession,
  signerOf,
  thumbprintOfPoint,
} from "./stage.ts";
import * as python from "./vectors.ts";

const issuer = await makeIssuer();
const other = await makeIssuer();
const key = await primitives.makeSigningKey();
const device = await thumbprintOfPoint(key.publicPoint);
const byDevice = { op: "pin-change", auth: "device", card, device } as const;
const wishes: readonly SessionWish[] = [
  { op: "bind", auth: "code", card, key },
  byDevice,
  { op: "pin-change", auth: "code", card },
  { op: "pin-verify", auth: "device", card, device },
  { op: "pin-reveal", auth: "device", card, device },
  { op: "card-reveal", auth: "device", card, device },
];

/** A message as a device of ours makes it, and its session as the issuer reads it. */
async function sentTo(wish: SessionWish) {
  const { accepted, session, request } = await openSession(issuer, wish);
  const signer = wish.op === "pin-change" && wish.auth === "code" ? undefined : key;
  const sent = wish.op.endsWith("-reveal")
    ? await makeRevealMessage(primitives, accepted, key)
    : await makeSealedMessage(primitives, accepted, { pin: newPin(), code, digits }, signer);
  return { accepted, session, sessionRequest: request, request: sent.request };
}

for (const [index, vector] of python.vectors.entries())
  suite(`${vector.op} by ${vector.auth} (${index}) of ${python.source}`, async () => {
    const session = await verifySession(
      primitives,
      parseSession(vector.session),
      python.signingKeyOf("native-signing").publicPoint,
      python.clockSeconds + 299,
    );
    const message = await parseMessage(primitives, vector.operationRequest, session);

    test("the requests are of the shape", async () => {
      assert.ok(Value.Check(SessionRequest, vector.sessionRequest));
      assert.ok(Value.Check(OperationRequest, vector.operationRequest));
      const { keyPoint, card: cardName, ...terms } = await parseSessionRequest(primitives, vector.sessionRequest);
      const { op, auth, nonce, device: bound } = session.claims;
      assert.deepEqual(terms, { op, auth, nonce, device: bound });
      assert.equal(cardName, session.claims.card.ref);
      assert.deepEqual(keyPoint, message.keyPoint);
    });

    test("session and message hash alike", () => {
      assert.equal(hexFromBytes(session.hash), vector.h);
      assert.equal(hexFromBytes(message.hash), vector.r);
    });

    test("the signature verifies, and by no other key", async () => {
      const signer = python.signingKeyOf(vector.op === "bind" ? "bound" : "device").publicPoint;
      const verify = (point: Uint8Array) => verifyDeviceSignature(primitives, session, message, point);
      if (vector.signed !== undefined) await verify(signer);
      await assert.rejects(verify(key.publicPoint), { code: "signature_invalid" });
      if (vector.signed === undefined) await assert.rejects(verify(signer), { code: "signature_invalid" });
    });

    if (vector.sealed === undefined)
      test("the message opens", async () => {
        const parts = await openMessage(primitives, python.agreementKeyOf("native-hpke"), session, message);
        assert.equal(hexFromBytes(concatBytes(parts.pinField, parts.codeAndDigits)), vector.plaintext);
        parts.wipe();
        assert.ok([...parts.pinField, ...parts.codeAndDigits].every((byte) => byte === 0));
        const wrongKey = python.agreementKeyOf("device");
        await assert.rejects(openMessage(primitives, wrongKey, session, message), { code: "decryption_failed" });
      });
    else
      test("what is revealed is the same to the byte", async () => {
        const repeating: Primitives = {
          ...primitives,
          makeAgreementKey: async () => python.agreementKeyOf("answer"),
          randomBytes: (length) => Uint8Array.from({ length }, (_, byte) => byte),
        };
        const data = { pan: utf8("5555550123456789"), cvv2: utf8("042"), expiry: utf8("3107") };
        const outcome =
          vector.op === "pin-reveal"
            ? await revealPin(repeating, { session, message }, newPin("0480"))
            : await revealCardData(repeating, { session, message }, data);
        assert.deepEqual(outcome, vector.outcome);
        assert.equal(hexFromBytes(bytesFromBase64url((outcome as { sealed: string }).sealed)), vector.sealed);
      });

    test("the answers say the same", async () => {
      const { kid, sign } = {
        kid: python.keys["native-signing"].thumbprint,
        sign: python.signingKeyOf("native-signing").sign,
      };
      const payloadOf = (answer: string) =>
        JSON.parse(Buffer.from(answer.split(".")[1] as string, "base64url").toString());
      const answerOf = (outcome: Parameters<typeof signAnswer>[1]) =>
        signAnswer({ session, message }, outcome, python.clockSeconds + 2, { kid, sign });
      assert.deepEqual(payloadOf(await answerOf(vector.outcome)), payloadOf(vector.answer));
      const refused = { result: "refused", code: "card_blocked" } as const;
      assert.deepEqual(payloadOf(await answerOf(refused)), payloadOf(vector.refusal));
      const first = { result: "refused", code: "decryption_failed" } as const;
      assert.deepEqual(payloadOf(await answerOf(spentOutcome(new Uint8Array(32), first))), payloadOf(vector.spent));
    });
  });

suite("a request for a session", () => {
  const nonce = base64urlFromBytes(new Uint8Array(16));
  const bind = { op: "bind", auth: "code", card, nonce, key: p256JwkFromPoint(key.publicPoint) } as const;
  const change = { op: "pin-change", auth: "device", card, nonce, device } as const;

  test("is read, of every operation; to bind, the key's thumbprint may stand beside it", async () => {
    for (const wish of wishes) {
      const { sessionRequest } = await sentTo(wish);
      assert.ok(Value.Check(SessionRequest, sessionRequest), wish.op);
    }
    const terms = await parseSessionRequest(primitives, { ...bind, device });
    assert.deepEqual([terms.device, terms.keyPoint], [device, key.publicPoint]);
  });

  test("that lacks a member, or has one too many, is refused", async () => {
    const { device: _, ...withoutDevice } = change;
    const { key: bound, ...withoutKey } = bind;
    const offCurve = { ...bound, y: bound.x };
    const wrong: SessionRequest[] = [
      { ...bind, auth: "device" },
      withoutKey,
      { ...bind, device: await thumbprintOfPoint((await primitives.makeSigningKey()).publicPoint) },
      { ...bind, key: offCurve },
      { ...bind, key: { ...bound, x: `${bound.x.slice(0, -1)}_` } },
      withoutDevice,
      { ...change, key: bound },
      { ...change, auth: "code" },
      ...(["pin-verify", "pin-reveal", "card-reveal"] as const).map((op) => ({
        op,
        auth: "code" as const,
        card,
        nonce,
      })),
      { ...change, nonce: `${nonce.slice(0, -1)}_` },
      { ...change, nonce: nonce.slice(0, -1) },
    ];
    for (const [index, request] of wrong.entries())
      await assert.rejects(parseSessionRequest(primitives, request), { code: "request_invalid" }, `${index}`);
  });

  test("of another shape is none", () => {
    const wrong = [
      { ...bind, later: 1 },
      { ...bind, key: { ...bind.key, d: "x" } },
      { ...bind, key: { ...bind.key, crv: "P-384" } },
      { ...change, op: "unbind" },
      { ...change, auth: "tan" },
      { ...change, card: "a/b" },
      { ...change, card: "" },
      { ...change, card: "x".repeat(65) },
      { ...change, device: "x" },
      { ...change, nonce: undefined },
      null,
      [],
    ];
    for (const request of wrong) assert.ok(!Value.Check(SessionRequest, request));
  });
});

suite("a session that comes back", async () => {
  const { compact } = await openSession(issuer, byDevice);
  const verify = (session: string, point = issuer.signer.publicPoint, time = now) =>
    verifySession(primitives, parseSession(session), point, time);

  test("is the issuer's own, for five minutes", async () => {
    const { claims } = await verify(compact, issuer.signer.publicPoint, now + 299);
    assert.equal(claims.exp - claims.iat, 300);
    for (const time of [now + 300, now + 3600, Number.NaN])
      await assert.rejects(verify(compact, issuer.signer.publicPoint, time), { code: "session_expired" });
  });

  test("by another key, altered, of another type, longer than any, is unknown", async () => {
    await assert.rejects(verify(compact, other.signer.publicPoint), { code: "session_unknown" });
    const [header, payload = "", signature] = compact.split(".");
    const altered = Buffer.from(payload, "base64url").toString().replace(card, "card_2");
    const swapped = [header, Buffer.from(altered).toString("base64url"), signature].join(".");
    await assert.rejects(verify(swapped), { code: "session_unknown" });
    const asAnswer = await signJws(
      { typ: "linchpin-answer+jwt", kid: issuer.signerKid, payload: {} },
      issuer.signer.sign,
    );
    for (const text of [asAnswer, "", "a.b.c", `${compact}.x`, "x".repeat(3000)])
      assert.throws(() => parseSession(text), { code: "session_unknown" });
  });

  test("that would be longer than devices take is not made", async () => {
    const terms = { op: "pin-change", auth: "device", nonce: "n", device } as const;
    const claims = makeSession(primitives, terms, { ...factsOf(issuer), holder: "x".repeat(1500) }, now);
    await assert.rejects(signSession(claims, signerOf(issuer)), { code: "internal" });
  });

  test("has an id of its own", () => {
    const terms = { op: "pin-change", auth: "device", nonce: "n", device } as const;
    const make = () => makeSession(primitives, terms, factsOf(issuer), now).sid;
    assert.notEqual(make(), make());
  });
});

suite("a message", async () => {
  const change = await sentTo(byDevice);
  const byCode = await sentTo({ op: "pin-change", auth: "code", card });
  const bind = await sentTo({ op: "bind", auth: "code", card, key });
  const reveal = await sentTo({ op: "pin-reveal", auth: "device", card, device });
  const invalid = (request: object, session: Session, code = "request_invalid") =>
    assert.rejects(parseMessage(primitives, request as OperationRequest, session), { code });

  test("of one operation is none of another", async () => {
    const { signature, ...unsigned } = change.request;
    await invalid(unsigned, change.session);
    await invalid({ ...byCode.request, signature }, byCode.session);
    await invalid({ ...change.request, key: bind.request.key }, change.session);
    await invalid({ ...bind.request, key: undefined }, bind.session);
    await invalid({ ...change.request, message: reveal.request.message }, change.session);
    await invalid({ ...reveal.request, message: change.request.message }, reveal.session);
  });

  test("of another length, not canonical, or no point of the curve is refused", async () => {
    const { message, signature } = change.request;
    for (const wrong of [message.slice(0, -4), `${message}AAAA`, `${message.slice(0, -1)}+`, ""])
      await invalid({ ...change.request, message: wrong }, change.session);
    for (const wrong of [signature?.slice(0, -2), `${signature?.slice(0, -1)}_`, ""])
      await invalid({ ...change.request, signature: wrong }, change.session);
    const offCurve = bytesFromBase64url(reveal.request.message);
    offCurve.set([(offCurve[64] as number) ^ 1], 64);
    await invalid({ ...reveal.request, message: base64urlFromBytes(offCurve) }, reveal.session);
    const compressed = Uint8Array.from(offCurve.fill(2, 0, 1));
    await invalid({ ...reveal.request, message: base64urlFromBytes(compressed) }, reveal.session);
  });

  test("that binds another key than the session's is refused", async () => {
    const another = p256JwkFromPoint((await primitives.makeSigningKey()).publicPoint);
    await invalid({ ...bind.request, key: another }, bind.session, "session_mismatch");
  });

  test("of another shape is none", () => {
    for (const wrong of [{ later: 1 }, { message: 1 }, { message: "x" }, { signature: "x" }, { session: undefined }])
      assert.ok(!Value.Check(OperationRequest, { ...change.request, ...wrong }));
    for (const { request } of [change, byCode, bind, reveal]) assert.ok(Value.Check(OperationRequest, request));
  });

  test("signed for another session, another message, another direction, or by another device is refused", async () => {
    const again = await sentTo(byDevice);
    const message = await parseMessage(primitives, change.request, change.session);
    const verify = (session: Session, of = message, point = key.publicPoint) =>
      verifyDeviceSignature(primitives, session, of, point);
    await verify(change.session);
    const refused = { code: "signature_invalid" };
    await assert.rejects(verify(again.session), refused);
    await assert.rejects(verify(change.session, { ...message, hash: again.session.hash }), refused);
    await assert.rejects(verify(change.session, message, other.signer.publicPoint), refused);
    await assert.rejects(verify(change.session, { ...message, signature: null }), refused);
    const { hash } = change.session;
    const unlike = [
      concatBytes(utf8(labels.device), Uint8Array.of(0), hash, message.hash), // without FF
      concatBytes(Uint8Array.of(0xff), utf8(labels.answer), Uint8Array.of(0), hash, message.hash),
      concatBytes(Uint8Array.of(0xff), utf8(labels.device), Uint8Array.of(0), message.hash, hash),
      concatBytes(hash, message.hash),
    ];
    for (const signed of unlike)
      await assert.rejects(verify(change.session, { ...message, signature: await key.sign(signed) }), refused);
  });

  test("sealed for another session opens for none", async () => {
    const again = await sentTo({ op: "pin-change", auth: "code", card });
    const message = await parseMessage(primitives, byCode.request, byCode.session);
    await assert.rejects(openMessage(primitives, issuer.hpke, again.session, message), { code: "decryption_failed" });
    const altered = Uint8Array.from(message.bytes);
    for (const at of [0, 1, 64, 65, 112, 128]) {
      const bytes = Uint8Array.from(altered);
      bytes.set([(bytes[at] as number) ^ 1], at);
      await assert.rejects(openMessage(primitives, issuer.hpke, byCode.session, { bytes }), {
        code: "decryption_failed",
      });
    }
  });

  /** What a client of its own making seals. */
  async function sealed(session: Session, plaintext: Uint8Array, label: string = labels.request) {
    const info = concatBytes(utf8(label), Uint8Array.of(0), session.hash);
    const terms = { recipientPoint: issuer.hpke.publicPoint, info };
    return { bytes: await sealHpke(primitives, hpke7, terms, plaintext) };
  }
  const field = bytesFromHex("441928aaaaaaaaaa0001020304050607");
  const codes = concatBytes(utf8(code), new Uint8Array(10), utf8(digits), new Uint8Array(8));
  const open = async (session: Session, plaintext: Uint8Array, label?: string) =>
    openMessage(primitives, issuer.hpke, session, await sealed(session, plaintext, label));

  test("has zeros where the operation has nothing", async () => {
    const refused = { code: "decryption_failed" };
    const nothing = (length: number) => new Uint8Array(length);
    await open(change.session, concatBytes(field, nothing(32)));
    await open(bind.session, concatBytes(nothing(16), codes));
    for (let at = 16; at < 48; at++) {
      const plaintext = concatBytes(field, nothing(32)).fill(1, at, at + 1);
      await assert.rejects(open(change.session, plaintext), refused, `${at}`);
    }
    for (let at = 0; at < 16; at++)
      await assert.rejects(open(bind.session, concatBytes(nothing(16), codes).fill(1, at, at + 1)), refused, `${at}`);
    for (const length of [0, 16, 47, 49, 64]) await assert.rejects(open(byCode.session, nothing(length)), refused);
    await assert.rejects(open(change.session, concatBytes(field, nothing(32)), labels.answer), refused);
  });

  test("that binds has a PIN field where its session asks for the present PIN", async () => {
    const { session } = await openSession(issuer, { op: "bind", auth: "code", card, key }, { presentPin: true });
    const parts = await open(session, concatBytes(field, codes));
    assert.ok(readPin(parts).equals(newPin("1928")));
  });

  test("has a PIN field of format 4, looked at after code and digits", async () => {
    const wrong = [
      "041928aaaaaaaaaa",
      "431928aaaaaaaaaa",
      "4d1234567890123a",
      "441928ffffffffff",
      "44192baaaaaaaaaa",
      "4419280aaaaaaaaa",
      "0000000000000000",
    ];
    for (const hex of wrong) {
      const parts = await open(byCode.session, concatBytes(bytesFromHex(hex), new Uint8Array(8), codes));
      assert.ok(hasCodeAndDigits(parts, { code: utf8(code), digits: utf8(digits) }));
      assert.throws(() => readPin(parts), { code: "decryption_failed" }, hex);
    }
    const parts = await open(byCode.session, concatBytes(field, codes));
    assert.ok(readPin(parts).equals(newPin("1928")));
    assert.deepEqual(parts.pinField, field); // until it is wiped
  });

  test("has the right code and the right digits, or gets one verdict", async () => {
    const parts = await open(byCode.session, concatBytes(field, codes));
    const has = (typed: string, last: string) => hasCodeAndDigits(parts, { code: utf8(typed), digits: utf8(last) });
    assert.ok(has(code, digits));
    const wrong = [
      [code, "00000000"],
      ["000000", digits],
      ["000000", "00000000"],
      [`${code}0`, digits],
      [code.slice(0, -1), digits],
      ["", ""],
      [code, ""],
    ] as const;
    for (const [typed, last] of wrong) assert.equal(has(typed, last), false);
  });
});

suite("an answer", async () => {
  const { session, request } = await sentTo({ op: "card-reveal", auth: "device", card, device });
  const message = await parseMessage(primitives, request, session);

  test("that reveals has one length, whatever it reveals, and stays within what devices take", async () => {
    const lengths = new Set<number>();
    for (const pin of ["1928", "123456789012"])
      lengths.add(JSON.stringify(await revealPin(primitives, { session, message }, newPin(pin))).length);
    assert.equal(lengths.size, 1);
    lengths.clear();
    for (const [pan, cvv2] of [
      ["400012345678", "042"],
      ["4000123456789012345", "0042"],
    ] as const) {
      const data = { pan: utf8(pan), cvv2: utf8(cvv2), expiry: utf8("3107") };
      const outcome = await revealCardData(primitives, { session, message }, data);
      lengths.add(JSON.stringify(outcome).length);
      assert.ok((await signAnswer({ session, message }, outcome, now, signerOf(issuer))).length < 2048);
    }
    assert.equal(lengths.size, 1);
  });

  test("is sealed anew each time, even of one message", async () => {
    const outcomes = [1, 2].map(() => revealPin(primitives, { session, message }, newPin()));
    const [first, second] = await Promise.all(outcomes);
    assert.notDeepEqual(first, second);
  });

  test("refuses in the words of the protocol, and policy's rules in one", () => {
    for (const code of refusalCodes) assert.equal(signedRefusalOf(new LinchpinError(code)), code);
    for (const code of ["pin_length", "pin_sequence", "pin_repeats", "pin_denied"] as const)
      assert.equal(signedRefusalOf(new LinchpinError(code)), "pin_refused");
    for (const code of ["signature_invalid", "session_expired", "unavailable", "internal"] as const)
      assert.equal(signedRefusalOf(new LinchpinError(code)), undefined);
  });
});
