import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import fc from "fast-check";
import {
  bytesFromHex,
  concatBytes,
  derFromSignature,
  hexFromBytes,
  LinchpinError,
  type Primitives,
  signatureFromDer,
} from "../src/index.ts";

/** `r = 1`, `s = 0x80`: the shortest of each kind. */
const short = { der: "30070201010202" + "0080", signature: `${"00".repeat(31)}01${"00".repeat(31)}80` };

test("r ‖ s and DER are one another", () => {
  assert.equal(hexFromBytes(derFromSignature(bytesFromHex(short.signature))), short.der);
  assert.equal(hexFromBytes(signatureFromDer(bytesFromHex(short.der))), short.signature);
});

test("the longest signature is 72 bytes", () => {
  const der = derFromSignature(new Uint8Array(64).fill(0xff));
  assert.equal(der.length, 72);
  assert.deepEqual(signatureFromDer(der), new Uint8Array(64).fill(0xff));
});

test("every r ‖ s comes back from its DER", () => {
  const integer = fc
    .tuple(fc.nat(32), fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([zeros, bytes]) => bytes.fill(0, 0, zeros));
  fc.assert(
    fc.property(integer, integer, (r, s) => {
      const signature = concatBytes(r, s);
      assert.deepEqual(signatureFromDer(derFromSignature(signature)), signature);
    }),
  );
});

test("bytes that are read as DER are the one DER of what they say", () => {
  const nearly = fc
    .tuple(fc.nat(8), fc.constantFrom(0, 1, 2, 3, 0x30, 0x7f, 0x80, 0x81, 0xff))
    .map(([index, value]) => bytesFromHex(short.der).fill(value, index, index + 1));
  fc.assert(
    fc.property(fc.oneof(nearly, fc.uint8Array({ maxLength: 12 })), (der) => {
      let signature: Uint8Array;
      try {
        signature = signatureFromDer(der);
      } catch (error) {
        assert.ok(error instanceof LinchpinError && error.code === "signature_invalid");
        return;
      }
      assert.equal(hexFromBytes(derFromSignature(signature)), hexFromBytes(der));
    }),
    { numRuns: 2000 },
  );
});

suite("refused as not DER", () => {
  const refused = {
    nothing: "",
    "a SEQUENCE alone": "30",
    "an empty SEQUENCE": "3000",
    "r alone": "3003020101",
    "r ‖ s": short.signature,
    "another tag than SEQUENCE": "31070201010202" + "0080",
    "another tag than INTEGER": "30070301010202" + "0080",
    "the length in long form": "3081070201010202" + "0080",
    "the length of r in long form": "300802810101" + "02020080",
    "an indefinite length": "3080020101020200800000",
    "a length too small": "30060201010202" + "0080",
    "a length too large": "30080201010202" + "0080",
    "a byte behind": "30070201010202" + "008000",
    "a byte behind, inside the SEQUENCE": "30080201010202" + "008000",
    "a third INTEGER": "300a0201010202" + "0080020101",
    "a padded r": "3008020200010202" + "0080",
    "a padded zero": "3008020200000202" + "0080",
    "a negative s": "300602010102018" + "0",
    "an empty r": "300602000202" + "0080",
    "an r of 33 bytes": `3026022101${"00".repeat(32)}020101`,
    "an s that ends beyond the SEQUENCE": "30070201010203" + "0080",
  };
  for (const [what, der] of Object.entries(refused))
    test(what, () => {
      assert.throws(() => signatureFromDer(bytesFromHex(der)), { name: "LinchpinError", code: "signature_invalid" });
    });
});

suite("Wycheproof ecdsa_secp256r1_sha256", () => {
  for (const [name, primitives] of [
    ["node:crypto", nodeCryptoPrimitives],
    ["WebCrypto", webCryptoPrimitives],
  ] as const)
    test(`on ${name}`, { skip: withoutWycheproof }, async () => {
      const groups = readWycheproof<{
        publicKey: { uncompressed: string };
        tests: readonly (WycheproofCase & { msg: string; sig: string })[];
      }>("ecdsa_secp256r1_sha256_test.json");
      const verdicts = { valid: 0, invalid: 0 };
      for (const { publicKey, tests } of groups)
        for (const { tcId, comment, msg, sig, result } of tests) {
          const verdict = await verifyDer(primitives, publicKey.uncompressed, msg, sig);
          assert.equal(verdict, result, `${tcId}: ${comment}`);
          verdicts[verdict] += 1;
        }
      assert.ok(verdicts.valid > 100 && verdicts.invalid > 200);
    });
});

async function verifyDer(primitives: Primitives, pointHex: string, dataHex: string, derHex: string) {
  try {
    const signature = signatureFromDer(bytesFromHex(derHex));
    const isValid = await primitives.verifyEcdsa(bytesFromHex(pointHex), bytesFromHex(dataHex), signature);
    return isValid ? "valid" : "invalid";
  } catch (error) {
    assert.ok(error instanceof LinchpinError);
    return "invalid";
  }
}
