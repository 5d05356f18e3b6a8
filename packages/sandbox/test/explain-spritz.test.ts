import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type HandMadeSpritz, handMadeSpritz as made } from "@linchpin/test-fixtures/messages/hand-made-spritz";
import { SpritzCardholder } from "@linchpin/testing/spritz";

const block = "240471FFFFFFFFFF";
const pemOf = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "pem", type: "spki" }).toString();
const key = Buffer.alloc(16, 0xff);
type Of = (holder: SpritzCardholder) => HandMadeSpritz;
const wrong =
  (about: Parameters<typeof made>[2], sealed: string | Uint8Array = block): Of =>
  ({ access }) =>
    made(access.publicKey, sealed, about);
const withTexts =
  (change: (message: HandMadeSpritz) => unknown): ((holder: SpritzCardholder) => unknown) =>
  ({ access }) =>
    change(made(access.publicKey, block));

/** What the sheet calls a mistake, each as an integrator makes it. */
const mistakes: Record<string, readonly [of: (holder: SpritzCardholder) => unknown, says: RegExp]> = {
  "the key's bytes under RSA": [wrong({ key, wrapped: key }), /16 bytes of a session key: wrap the 24 characters/],
  "base64 of the hex text": [wrong({ wrapped: btoa(key.toString("hex")) }), /base64 of the session key's hex text/],
  "the hex text": [wrong({ wrapped: key.toString("hex") }), /is the hex text of the session key/],
  "OAEP with SHA-512": [wrong({ oaepHash: "sha512" }), /OAEP SHA-512: the profile is RSA-OAEP \(SHA-1/],
  "OAEP with SHA-256": [wrong({ oaepHash: "sha256" }), /OAEP SHA-256: the profile is RSA-OAEP \(SHA-1/],
  "RSAES-PKCS1-v1_5": [wrong({ isPkcs1: true }), /PKCS#1 v1.5/],
  "another key": [() => made(pemOf(2048), block), /no key of this issuer opens it/],
  "Rain's key": [({ access }) => made(access.rain.legacyPublicKey, block), /issuer's key for rain-pin-legacy/],
  "an RSA-1024 key": [() => made(pemOf(1024), block), /128 bytes: it was wrapped to an RSA-1024 key/],
  "a session key of 32 bytes": [wrong({ key: randomBytes(32) }), /base64 of 32 bytes: .*AES-128/],
  "base64url under RSA": [wrong({ key, wrapped: key.toString("base64url") }), /base64url, or lacks its padding/],
  "the digits in place of the block": [wrong({}, "0471"), /the PIN's digits: seal the PIN block/],
  "the block as 8 bytes": [wrong({}, Buffer.from(block, "hex")), /sealed are 8 bytes/],
  "a length in decimal": [wrong({}, "2100471829350FFFF"), /17 characters: its length is one hexadecimal digit/],
  "fill 0": [wrong({}, "2404710000000000"), /filled with other than F/],
  "fill A": [wrong({}, "240471AAAAAAAAAA"), /filled with other than F/],
  "control field 0": [wrong({}, "040471FFFFFFFFFF"), /first character is not 2/],
  "a tag that is missing": [wrong({ arrange: (ciphertext) => [ciphertext] }), /tag of 16 bytes is missing/],
  "a tag in front": [wrong({ arrange: (ciphertext, tag) => [tag, ciphertext] }), /stands before the ciphertext/],
  "an AAD": [wrong({ aad: Buffer.from("aad") }), /an AAD was set/],
  "a tag in a member of its own": [
    withTexts(({ encryptedPin, ...rest }) => ({ ...rest, encryptedPin: { ...encryptedPin, tag: "AAAA" } })),
    /tag: not documented/,
  ],
  "an IV in hex": [
    withTexts(({ encryptedPin, ...rest }) => ({ ...rest, encryptedPin: { ...encryptedPin, iv: "00".repeat(16) } })),
    /encryptedPin.iv is hex/,
  ],
  "an IV of another length": [wrong({ iv: randomBytes(13) }), /an IV has 12 or 16 bytes/],
  base64url: [
    withTexts(({ encryptedKey, ...rest }) => ({
      ...rest,
      encryptedKey: `_-${encryptedKey.slice(2)}`.replaceAll("+", "-").replaceAll("/", "_"),
    })),
    /encryptedKey is base64url/,
  ],
};

describe("the sandbox explains to who integrates Spritz", () => {
  let issuer: SandboxIssuer;
  let holder: SpritzCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SpritzCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  for (const [mistake, [of, says]] of Object.entries(mistakes))
    it(mistake, async () => {
      const { status, body } = await holder.sendSet(of(holder));
      assert.equal(status, 400);
      assert.match(body.detail, says);
    });

  it("a session key that was used, in a set and in a get", async () => {
    const message = await holder.seal("0471");
    await holder.sendSet(message);
    assert.match((await holder.sendSet(message)).body.detail, /good for one set or get/);
    assert.match((await holder.sendGet(message.encryptedKey)).body.detail, /good for one set or get/);
  });

  describe("in Rain's form", () => {
    const rain = (pem: string, about: Parameters<typeof made>[2]) => holder.sendRainSet(made(pem, block, about));

    it("the hash of the other row, and Java's default for MGF1", async () => {
      const { publicKey, legacyPublicKey } = holder.access.rain;
      assert.match((await rain(publicKey, { oaepHash: "sha1" })).body.message, /OAEP SHA-1 .*RSA-OAEP-512/);
      assert.match(
        (await rain(legacyPublicKey, { oaepHash: "sha512" })).body.message,
        /OAEP SHA-512: .*RSA-OAEP \(SHA-1/,
      );
      assert.match((await rain(publicKey, { oaepHash: "sha256" })).body.message, /OAEP SHA-256: .*RSA-OAEP-512/);
      assert.match((await rain(publicKey, { isPkcs1: true })).body.message, /PKCS#1 v1.5/);
    });

    it("a SessionId in the body, or absent", async () => {
      const { encryptedKey, encryptedPin } = made(holder.access.rain.publicKey, block, { oaepHash: "sha512" });
      for (const body of [{ encryptedPin, SessionId: encryptedKey }, { encryptedPin }]) {
        const answer = await holder.partner("PUT", `/v1/issuing/cards/${holder.access.cardId}/pin`, body);
        assert.match(answer.body.message, /goes into the header SessionId/);
      }
    });
  });
});
