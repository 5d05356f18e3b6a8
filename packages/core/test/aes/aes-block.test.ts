import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { decryptAesBlock, encryptAesBlock } from "../../src/aes/aes-block.ts";
import { bytesFromHex, hexFromBytes } from "../../src/index.ts";

for (const [name, primitives] of [
  ["node:crypto", nodeCryptoPrimitives],
  ["WebCrypto", webCryptoPrimitives],
] as const)
  suite(`one AES block on ${name}`, () => {
    const block = bytesFromHex("00112233445566778899aabbccddeeff");
    const examples = {
      "AES-128, FIPS 197 C.1": ["000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a"],
      "AES-256, FIPS 197 C.3": [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "8ea2b7ca516745bfeafc49904b496089",
      ],
    } as const;
    for (const [what, [keyHex, ciphertext]] of Object.entries(examples))
      test(what, async () => {
        const key = bytesFromHex(keyHex);
        assert.equal(hexFromBytes(await encryptAesBlock(primitives, key, block)), ciphertext);
        assert.deepEqual(await decryptAesBlock(primitives, key, bytesFromHex(ciphertext)), block);
      });

    test("any 16 bytes are opened: a block has no padding of its own", async () => {
      const key = primitives.randomBytes(32);
      for (const byte of [0x00, 0x01, 0x10, 0xff]) {
        const plain = new Uint8Array(16).fill(byte);
        assert.deepEqual(await decryptAesBlock(primitives, key, await encryptAesBlock(primitives, key, plain)), plain);
        const sealed = await decryptAesBlock(primitives, key, plain);
        assert.deepEqual(await encryptAesBlock(primitives, key, sealed), plain);
      }
    });
  });
