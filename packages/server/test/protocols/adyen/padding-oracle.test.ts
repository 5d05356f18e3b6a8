import assert from "node:assert/strict";
import { constants, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadePinChange, wrapByHand } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import { AdyenCardholder } from "@linchpin/testing/adyen";

// Whoever captured a wrapped session key alters it and asks whether it still unwraps (Bleichenbacher 1998). So what
// unwraps and what does not must be answered alike, and alike again when it is sent again.
describe("a session key that unwraps, and one that does not", () => {
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await AdyenCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const publicKeyOf = async (purpose: string): Promise<string> =>
    (await holder.partner("GET", `/publicKey?purpose=${purpose}`)).body.publicKey;
  const wrongPadding = { padding: constants.RSA_PKCS1_OAEP_PADDING };

  /** What comes back for the request, and for the same sent again. */
  const twice = async (
    send: (request: object) => Promise<{ status: number; body: { errorCode?: string } }>,
    request: object,
  ) => {
    const answers = [await send(request), await send(request)];
    return answers.map(({ status, body }) => [status, body.errorCode]);
  };

  it("are answered alike by a card that has no card data", async () => {
    const bare = await holder.inProgram({});
    const publicKey = await publicKeyOf("panReveal");
    const { paymentInstrumentId } = bare;
    const ask = (encryptedKey: string) =>
      twice((request) => bare.sendPanReveal(request), { paymentInstrumentId, encryptedKey });
    const right = await ask(wrapByHand(publicKey, randomBytes(32)));
    const wrong = await ask(wrapByHand(publicKey, randomBytes(32), wrongPadding.padding));
    assert.deepEqual(right, wrong);
    assert.deepEqual(right, [
      [422, "31_005"],
      [422, "31_022"],
    ]);
  });

  it("are answered alike by a change whose block is none, and are spent", async () => {
    const publicKey = await publicKeyOf("pinChange");
    const { paymentInstrumentId } = holder;
    const badBlock = (wrong: Parameters<typeof handMadePinChange>[2]) =>
      handMadePinChange(publicKey, paymentInstrumentId, { digits: "284B", ...wrong });
    const sessionKey = randomBytes(32);
    const [right, wrong] = [badBlock({ sessionKey }), badBlock(wrongPadding)];
    const send = (request: object) => holder.sendChange(request);
    assert.deepEqual(await twice(send, right), await twice(send, wrong));
    // The ciphertext with a block that would be right now, and the session key wrapped anew.
    const goodBlock = handMadePinChange(publicKey, paymentInstrumentId, { sessionKey });
    const again = await send({ ...goodBlock, encryptedKey: right.encryptedKey });
    assert.deepEqual([again.status, again.body.errorCode], [422, "31_021"]);
    assert.equal((await send(goodBlock)).body.errorCode, "31_022");
    assert.equal((await holder.card()).pin.status, "not_set");
  });

  it("are refused alike by a digit rule's refusal, sent again for this card and for another", async () => {
    const other = await holder.inProgram({});
    const request = await holder.seal("1234");
    const answers = [
      await holder.sendChange(request),
      await holder.sendChange(request),
      await other.sendChange({ ...request, paymentInstrumentId: other.paymentInstrumentId }),
    ];
    assert.deepEqual(
      answers.map(({ body }) => body.errorCode),
      [answers[0]?.body.errorCode, answers[0]?.body.errorCode, "31_022"],
    );
    assert.notEqual(answers[0]?.body.errorCode, "31_022");
  });
});
