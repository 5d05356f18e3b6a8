import assert from "node:assert/strict";
import { createDecipheriv, createECDH, createPublicKey, hkdfSync } from "node:crypto";
import { suite, test } from "node:test";
import { LinchpinError, Pin, type Primitives, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import {
  formatExpirationDate,
  parseClientPublicKey,
  sealCardData,
  sealCardPin,
} from "@linchpin/protocols/plumery/issuer";
import { EncryptedPayload } from "@linchpin/protocols/plumery/wire";
import { unusableClientKeys } from "@linchpin/test-fixtures/messages/unusable-client-keys";
import { Value } from "typebox/value";

const primitives = nodeCryptoPrimitives;
const nothing = new Uint8Array(0);
const spkiHeader = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

/** A client by node:crypto alone. */
const ecdh = createECDH("prime256v1");
const raw = ecdh.generateKeys();
const headers = { raw: raw.toString("base64"), spki: Buffer.concat([spkiHeader, raw]).toString("base64") };

function open(payload: EncryptedPayload, info: Uint8Array): string {
  const [iv, sealed, peer, salt] = [payload.iv, payload.ciphertext, payload.ephemeralPublicKey, payload.salt].map(
    (text) => Buffer.from(text, "base64"),
  ) as [Buffer, Buffer, Buffer, Buffer];
  const key = Buffer.from(hkdfSync("sha256", ecdh.computeSecret(peer.subarray(-65)), salt, info, 32));
  const decipher = createDecipheriv("aes-256-gcm", key, iv).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
}

suite("X-Client-Public-Key", () => {
  test("is read in both encodings", async () => {
    for (const encoding of ["spki", "raw"] as const) {
      const client = await parseClientPublicKey(primitives, headers[encoding]);
      assert.deepEqual(client, { point: Uint8Array.from(raw), encoding });
    }
  });

  for (const [what, value] of Object.entries({ nothing: "", ...unusableClientKeys }))
    test(`is refused: ${what}`, async () => {
      await assert.rejects(parseClientPublicKey(primitives, value), (error) => {
        assert.ok(error instanceof LinchpinError);
        assert.deepEqual([error.code, error.field], ["public_key_unusable", "X-Client-Public-Key"]);
        assert.ok(error.reason !== undefined && (value.length < 8 || !error.reason.includes(value)));
        return true;
      });
    });
});

suite("an answer", () => {
  for (const encoding of ["spki", "raw"] as const)
    test(`to a key in ${encoding}: node:crypto opens it, and its key is in ${encoding} too`, async () => {
      const client = await parseClientPublicKey(primitives, headers[encoding]);
      const pin = new Pin(utf8("0480"));
      const payload = await sealCardPin(primitives, { pin, client, info: nothing });
      assert.ok(Value.Check(EncryptedPayload, payload));
      assert.equal(open(payload, nothing), '{"pin":"0480"}');
      const peer = Buffer.from(payload.ephemeralPublicKey, "base64");
      assert.equal(peer.length, { spki: 91, raw: 65 }[encoding]);
      if (encoding === "spki")
        assert.equal(
          createPublicKey({ key: peer, format: "der", type: "spki" }).asymmetricKeyDetails?.namedCurve,
          "prime256v1",
        );
      const lengths = [payload.iv, payload.ciphertext, payload.salt].map((text) => Buffer.from(text, "base64").length);
      assert.deepEqual(lengths, [12, 14 + 16, 32]);
    });

  test("with PAN and CVV2, and an info that both sides know", async () => {
    const client = await parseClientPublicKey(primitives, headers.spki);
    const info = utf8("agreed");
    const data = { pan: utf8("9999990123456784"), cvv2: utf8("012") };
    const payload = await sealCardData(primitives, { ...data, client, info });
    assert.equal(open(payload, info), '{"pan":"9999990123456784","cvv2":"012"}');
    assert.throws(() => open(payload, nothing));
    assert.throws(() => open(payload, utf8("Agreed")));
  });

  test("shares no key, salt or IV with another", async () => {
    const client = await parseClientPublicKey(primitives, headers.spki);
    const pin = new Pin(utf8("1928"));
    const payloads = await Promise.all(
      Array.from({ length: 16 }, () => sealCardPin(primitives, { pin, client, info: nothing })),
    );
    for (const member of ["ephemeralPublicKey", "salt", "iv", "ciphertext"] as const)
      assert.equal(new Set(payloads.map((payload) => payload[member])).size, payloads.length, member);
  });

  test("leaves no plaintext behind, sealed or not", async () => {
    for (const fails of [false, true]) {
      const plaintexts: Uint8Array[] = [];
      const watched: Primitives = {
        ...primitives,
        encryptAesGcm: (key, iv, plaintext, aad) => {
          plaintexts.push(plaintext);
          if (fails) throw new LinchpinError("internal");
          return primitives.encryptAesGcm(key, iv, plaintext, aad);
        },
      };
      const client = await parseClientPublicKey(primitives, headers.raw);
      const sealing = sealCardPin(watched, { pin: new Pin(utf8("1928")), client, info: nothing });
      await (fails ? assert.rejects(sealing) : sealing);
      assert.deepEqual(plaintexts, [new Uint8Array(14)]);
    }
  });

  test("expiration dates have two digits and two", () => {
    assert.equal(formatExpirationDate({ month: 3, year: 2031 }), "03/31");
    assert.equal(formatExpirationDate({ month: 12, year: 2009 }), "12/09");
    assert.equal(formatExpirationDate({ month: 1, year: 2000 }), "01/00");
  });
});
