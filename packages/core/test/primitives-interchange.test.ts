import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { type Primitives, utf8 } from "../src/index.ts";

interchange("WebCrypto", webCryptoPrimitives, "node:crypto", nodeCryptoPrimitives);
interchange("node:crypto", nodeCryptoPrimitives, "WebCrypto", webCryptoPrimitives);

function interchange(makerName: string, maker: Primitives, takerName: string, taker: Primitives): void {
  suite(`what ${makerName} makes, ${takerName} takes`, () => {
    const plaintext = utf8('{"pin":"1928"}');

    test("AES-CBC and AES-GCM", async () => {
      const [key, iv, aad] = [maker.randomBytes(32), maker.randomBytes(16), utf8("card 1, version 2")];
      assert.deepEqual(await taker.decryptAesCbc(key, iv, await maker.encryptAesCbc(key, iv, plaintext)), plaintext);
      const nonce = iv.subarray(0, 12);
      const sealed = await maker.encryptAesGcm(key, nonce, plaintext, aad);
      assert.deepEqual(await taker.decryptAesGcm(key, nonce, sealed, aad), plaintext);
    });

    test("signatures", async () => {
      const key = await maker.makeSigningKey();
      const signature = await key.sign(plaintext);
      assert.equal(await taker.verifyEcdsa(key.publicPoint, plaintext, signature), true);
      assert.equal(await taker.verifyEcdsa(key.publicPoint, plaintext.subarray(1), signature), false);
    });

    test("key agreement and derivation", async () => {
      const [left, right] = [await maker.makeAgreementKey(), await taker.makeAgreementKey()];
      const [secret, same] = [await left.agree(right.publicPoint), await right.agree(left.publicPoint)];
      assert.deepEqual(secret, same);
      const salt = maker.randomBytes(32);
      const [derived, sameDerived] = await Promise.all(
        [maker, taker].map((primitives) =>
          primitives.hkdfSha256({ inputKey: secret, salt, info: utf8("reveal"), lengthBytes: 32 }),
        ),
      );
      assert.deepEqual(derived, sameDerived);
    });
  });
}
