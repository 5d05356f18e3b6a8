import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { freshNonce, messageOf, handMadeLithicPin as seal } from "@linchpin/test-fixtures/messages/hand-made-lithic";
import { LithicCardholder } from "@linchpin/testing/lithic";

type Make = (pem: string, holder: LithicCardholder) => string | Promise<string>;

const pemOf = (modulusLength: number) =>
  generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "pem", type: "spki" }).toString();

/** What the vendor's sheet calls a mistake, each as an integrator makes it. */
const mistakes: Record<string, readonly [make: Make, says: RegExp]> = {
  "RSAES-PKCS1-v1_5": [
    (pem) => seal(pem, messageOf("0471"), { padding: "pkcs1" }),
    /RSAES-PKCS1-v1_5: it must be OAEP/,
  ],
  "OAEP with SHA-256": [(pem) => seal(pem, messageOf("0471"), { hash: "sha256" }), /OAEP with SHA-256: it must be/],
  "base64 without padding": [(pem) => seal(pem, messageOf("0471")).replace(/=+$/, ""), /lacks base64's padding/],
  base64url: [(pem) => seal(pem, messageOf("0471"), { encoding: "base64url" }), /base64url/],
  hex: [(pem) => seal(pem, messageOf("0471"), { encoding: "hex" }), /pin is hex/],
  "base64 of base64": [(pem) => btoa(seal(pem, messageOf("0471"))), /base64 once more/],
  "a key of 2048 bits": [() => seal(pemOf(2048), messageOf("0471")), /a key of 2048 bits: the issuer's has 4096/],
  "the vendor's real key": [() => seal(pemOf(4096), messageOf("0471")), /no key of this issuer opens it/],
  "pin as a number": [(pem) => seal(pem, `{"nonce":${freshNonce()},"pin":4711}`), /pin is a number/],
  "nonce as a string": [(pem) => seal(pem, `{"nonce":"${freshNonce()}","pin":"0471"}`), /nonce is a string/],
  "a nonce below 8 digits": [(pem) => seal(pem, messageOf("0471", "1234567")), /fewer than 8 digits/],
  "no nonce": [(pem) => seal(pem, '{"pin":"0471"}'), /has no nonce/],
  "digits alone": [(pem) => seal(pem, "0471"), /digits alone/],
  "a JWE": [() => "eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA", /is a JWE/],
  "a byte order mark": [(pem) => seal(pem, `\ufeff${messageOf("0471")}`), /byte order mark/],
  "UTF-16": [(pem) => seal(pem, Buffer.from(messageOf("0471"), "utf16le")), /UTF-16/],
  "an ISO 9564 block": [(pem) => seal(pem, messageOf("240471FFFFFFFFFF")), /ISO 9564 block/],
  "digits in clear": [() => "0471", /digits in clear/],
  "the PIN of the vendor's sample": [(pem) => seal(pem, messageOf("1234")), /the vendor's sample/],
  "the ciphertext of another card": [
    async (pem, holder) => {
      const pin = seal(pem, messageOf("8264"));
      await (await LithicCardholder.create(new URL(holder.baseUrl).origin)).sendPin(pin);
      return pin;
    },
    /this very message was applied before/,
  ],
};

describe("the sandbox says why, by Lithic's protocol", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  for (const [what, [make, says]] of Object.entries(mistakes))
    it(what, async () => {
      const holder = await LithicCardholder.create(issuer.url);
      const { status, body } = await holder.sendPin(await make(await holder.publicKeyPem(), holder));
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(body.message, says);
      assert.doesNotMatch(body.message, /0471/);
      assert.equal((await holder.card()).pin.status, "not_set");
    });

  it("a nonce that was used before, and a key behind Bearer", async () => {
    const holder = await LithicCardholder.create(issuer.url);
    const [pem, nonce] = [await holder.publicKeyPem(), freshNonce()];
    assert.equal((await holder.sendPin(seal(pem, messageOf("0471", nonce)))).status, 200);
    const again = await holder.sendPin(seal(pem, messageOf("8264", nonce)));
    assert.match(again.body.message, /the nonce was used on this card before/);
    const bearer = await holder.update({}, { authorization: `Bearer ${holder.apiKey}` });
    assert.match(bearer.body.message, /in the form Authorization: \[api-key\]: .*without Bearer/);
  });
});
