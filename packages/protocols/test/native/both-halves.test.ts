import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import {
  acceptAnswer,
  makeRevealMessage,
  makeSealedMessage,
  openRevealedCardData,
  openRevealedPin,
} from "@linchpin/protocols/native/device";
import {
  hasCodeAndDigits,
  openMessage,
  parseMessage,
  readPin,
  revealCardData,
  revealPin,
  signAnswer,
  verifyDeviceSignature,
} from "@linchpin/protocols/native/issuer";
import { card, code, digits, makeIssuer, newPin, openSession, signerOf, sub, thumbprintOfPoint } from "./stage.ts";

const issuer = await makeIssuer();
const key = await primitives.makeSigningKey();
const device = await thumbprintOfPoint(key.publicPoint);
const expected = { code: utf8(code), digits: utf8(digits) };

suite("the native protocol, from session to answer", () => {
  test("a device is bound", async () => {
    const { accepted, session } = await openSession(issuer, { op: "bind", auth: "code", card, key });
    const sent = await makeSealedMessage(primitives, accepted, { code, digits }, key);
    const message = await parseMessage(primitives, sent.request, session);
    await verifyDeviceSignature(primitives, session, message, message.keyPoint as Uint8Array);
    const parts = await openMessage(primitives, issuer.hpke, session, message);
    assert.ok(hasCodeAndDigits(parts, expected));
    assert.ok(!hasCodeAndDigits(parts, { ...expected, code: utf8("493022") }));
    const outcome = { result: "bound", device, sub } as const;
    const answer = await signAnswer({ session, message }, outcome, 1, signerOf(issuer));
    assert.deepEqual(await acceptAnswer(primitives, answer, accepted, sent), outcome);
  });

  for (const auth of ["device", "code"] as const)
    test(`a PIN is changed by ${auth}`, async () => {
      const wish = auth === "code" ? ({ auth } as const) : ({ auth, device } as const);
      const { accepted, session } = await openSession(issuer, { op: "pin-change", card, ...wish });
      const signer = auth === "device" ? key : undefined;
      const sent = await makeSealedMessage(primitives, accepted, { pin: newPin(), code, digits }, signer);
      const message = await parseMessage(primitives, sent.request, session);
      if (auth === "device") await verifyDeviceSignature(primitives, session, message, key.publicPoint);
      const parts = await openMessage(primitives, issuer.hpke, session, message);
      assert.equal(hasCodeAndDigits(parts, expected), auth === "code");
      assert.ok(readPin(parts).equals(newPin()));
      const answer = await signAnswer({ session, message }, { result: "changed", version: 5 }, 1, signerOf(issuer));
      assert.deepEqual(await acceptAnswer(primitives, answer, accepted, sent), { result: "changed", version: 5 });
    });

  test("a PIN and card data are revealed", async () => {
    const data = { pan: utf8("4000123456789012"), cvv2: utf8("042"), expiry: utf8("3107") };
    for (const op of ["pin-reveal", "card-reveal"] as const) {
      const { accepted, session } = await openSession(issuer, { op, auth: "device", card, device });
      const sent = await makeRevealMessage(primitives, accepted, key);
      const message = await parseMessage(primitives, sent.request, session);
      await verifyDeviceSignature(primitives, session, message, key.publicPoint);
      const answered = { session, message };
      const outcome =
        op === "pin-reveal"
          ? await revealPin(primitives, answered, newPin())
          : await revealCardData(primitives, answered, data);
      const answer = await signAnswer(answered, outcome, 1, signerOf(issuer));
      const { sealed } = (await acceptAnswer(primitives, answer, accepted, sent)) as { sealed: string };
      const revealed = { session: accepted, message: sent, sealed };
      if (op === "pin-reveal") assert.ok((await openRevealedPin(primitives, revealed)).equals(newPin()));
      else
        assert.deepEqual(await openRevealedCardData(primitives, revealed), {
          pan: "4000123456789012",
          cvv2: "042",
          expiry: "3107",
        });
    }
  });
});
