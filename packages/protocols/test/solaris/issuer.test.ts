import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { suite, test } from "node:test";
import { bytesFromHex, derFromSignature, hexFromBytes, Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import { checkDeviceSignature, parseDevicePublicKey, pinKeyOf } from "@linchpin/protocols/solaris/issuer";
import { PinKey } from "@linchpin/protocols/solaris/wire";
import { compactDecrypt } from "jose";
import { Value } from "typebox/value";
import binding from "../../solaris/vectors/device-binding-reference.json" with { type: "json" };
import jose from "../../solaris/vectors/jose.json" with { type: "json" };
import openssl from "../../solaris/vectors/openssl.json" with { type: "json" };
import reference from "../../solaris/vectors/pin-change-reference.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const kid = "key-1";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };

suite("a device's signature", () => {
  for (const vector of [binding, openssl])
    test(`verifies: ${vector.source}`, async () => {
      await checkDeviceSignature(primitives, signedBy(vector));
      await checkDeviceSignature(webCryptoPrimitives, signedBy(vector));
    });

  test("made by the device half on WebCrypto, over a PIN that opens", async () => {
    const restrictedKey = await webCryptoPrimitives.makeSigningKey();
    const issuerKey = acceptIssuerKey(pinKeyOf(kid, { n, e }));
    const change = { pin: new Pin(utf8("0193")), issuerKey, deviceId: "d", restrictedKey };
    const request = await makePinUpdateRequest(webCryptoPrimitives, change);
    const signed = {
      publicPoint: restrictedKey.publicPoint,
      text: request.encrypted_pin,
      signatureHex: request.signature,
    };
    await checkDeviceSignature(primitives, signed);
    const opened = await compactDecrypt(request.encrypted_pin, privateKey);
    assert.deepEqual(Uint8Array.from(opened.plaintext), utf8('{"pin":"0193"}'));
  });

  test("upper-case hex is the same signature", async () => {
    await checkDeviceSignature(primitives, signedBy({ ...openssl, signature: openssl.signature.toUpperCase() }));
  });

  const { privateKey: deviceKey, publicKey: devicePublicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = hexFromBytes(devicePublicKey.export({ format: "der", type: "spki" }).subarray(-65));
  const message = openssl.message;
  const der = (data: Uint8Array) => hexFromBytes(sign("sha256", data, deviceKey));
  const rAndS = sign("sha256", utf8(message), { key: deviceKey, dsaEncoding: "ieee-p1363" });
  const valid = hexFromBytes(derFromSignature(rAndS));
  const hash = createHash("sha256").update(message).digest();

  test("what the refusals start from verifies", async () => {
    await checkDeviceSignature(primitives, signedBy({ key, message, signature: valid }));
  });

  const refused: Record<string, { key: string; message: string; signature: string }> = {
    "by another key, as the unrestricted one or another device's": { key, message, signature: openssl.signature },
    "over the clear JSON, as in the guide's Swift example": { key, message, signature: der(utf8('{"pin":"1928"}')) },
    "over the JWE's hash, which hashes twice": { key, message, signature: der(hash) },
    "over the hash in hex": { key, message, signature: der(utf8(hash.toString("hex"))) },
    "over the JWE with a line end": { key, message, signature: der(utf8(`${message}\n`)) },
    "over another JWE": { key, message: jose.encrypted_pin.replace("e", "f"), signature: valid },
    "by SHA-512": { key, message, signature: hexFromBytes(sign("sha512", utf8(message), deviceKey)) },
    "as r ‖ s": { key, message, signature: hexFromBytes(rAndS) },
    "with a padded r": { key, message, signature: padded(valid) },
    "with a length in long form": { key, message, signature: `3081${valid.slice(2)}` },
    "with a byte behind": { key, message, signature: `${valid}00` },
    "with a byte missing": { key, message, signature: valid.slice(0, -2) },
    "with half a byte missing": { key, message, signature: valid.slice(0, -1) },
    "in base64": { key, message, signature: Buffer.from(valid, "hex").toString("base64") },
    "with 0x before it": { key, message, signature: `0x${valid}` },
    empty: { key, message, signature: "" },
    "of zeros": { key, message, signature: "3006020100020100" },
    "under a key beside the curve": {
      key: `${key.slice(0, -2)}${key.endsWith("00") ? "01" : "00"}`,
      message,
      signature: valid,
    },
  };
  for (const [what, vector] of Object.entries(refused))
    test(`refused: ${what}`, async () => {
      await assert.rejects(checkDeviceSignature(primitives, signedBy(vector)), {
        name: "LinchpinError",
        code: "signature_invalid",
        field: "signature",
      });
    });
});

suite("a device's public key", () => {
  test("65 bytes on the curve, in hex of either case", async () => {
    assert.deepEqual(await parseDevicePublicKey(primitives, binding.key), bytesFromHex(binding.key));
    assert.deepEqual(await parseDevicePublicKey(primitives, binding.key.toUpperCase()), bytesFromHex(binding.key));
  });

  const refused = {
    nothing: "",
    "no hex": `${binding.key.slice(0, -1)}g`,
    "half a byte missing": binding.key.slice(0, -1),
    compressed: `02${binding.key.slice(2, 66)}`,
    hybrid: `06${binding.key.slice(2)}`,
    "without 04": binding.key.slice(2),
    "beside the curve": `${binding.key.slice(0, -2)}3d`,
    infinity: "00",
    zeros: `04${"00".repeat(64)}`,
    SPKI: `3059301306072a8648ce3d020106082a8648ce3d030107034200${binding.key}`,
    "a byte behind": `${binding.key}00`,
    "white space": ` ${binding.key}`,
  };
  for (const [what, text] of Object.entries(refused))
    test(`refused: ${what}`, async () => {
      await assert.rejects(parseDevicePublicKey(primitives, text), { code: "public_key_unusable", field: "key" });
    });
});

test("the key is published as Solaris publishes it", () => {
  const { kid: publishedKid, ...key } = reference.key;
  const published = pinKeyOf(publishedKid, key);
  assert.ok(Value.Check(PinKey, published));
  assert.deepEqual(published, reference.key);
});

function signedBy({ key, message, signature }: { key: string; message: string; signature: string }) {
  return { publicPoint: bytesFromHex(key), text: message, signatureHex: signature };
}

/** A zero more before `r`, lengths in step. */
function padded(derHex: string): string {
  const der = [...bytesFromHex(derHex)];
  const [sequence = 0, length = 0, integer = 0, rLength = 0, ...rest] = der;
  return hexFromBytes(Uint8Array.of(sequence, length + 1, integer, rLength + 1, 0, ...rest));
}
