import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  privateDecrypt,
  randomBytes,
  sign,
} from "node:crypto";
import { suite, test } from "node:test";
import {
  bytesFromHex,
  derFromSignature,
  hexFromBytes,
  LinchpinError,
  Pin,
  type Primitives,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import {
  checkDeviceSignature,
  openSealedPin,
  parseDevicePublicKey,
  parseSealedPin,
  pinKeyOf,
  type SealedPin,
  type UnwrapContentKey,
} from "@linchpin/protocols/solaris/issuer";
import { PinKey } from "@linchpin/protocols/solaris/wire";
import { CompactEncrypt } from "jose";
import { Value } from "typebox/value";
import binding from "../solaris/vectors/device-binding-reference.json" with { type: "json" };
import jose from "../solaris/vectors/jose.json" with { type: "json" };
import openssl from "../solaris/vectors/openssl.json" with { type: "json" };
import reference from "../solaris/vectors/pin-change-reference.json" with { type: "json" };
import jwcrypto from "../solaris/vectors/python3-jwcrypto.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const kid = "key-1";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };

suite("a sealed PIN is taken apart", () => {
  test("Solaris' own example: segments and key id", async () => {
    const { keyId, jwe } = await parseSealedPin(primitives, reference.request);
    assert.equal(keyId, reference.header.kid);
    const header = Buffer.from(jwe.protectedText, "base64url");
    assert.deepEqual(JSON.parse(header.toString()), reference.header);
    assert.deepEqual(
      [header, jwe.wrappedKey, jwe.iv, jwe.ciphertext, jwe.tag].map(({ length }) => length),
      reference.segmentBytes,
    );
  });

  test("its mark is the SHA-256 of the compact JWE", async () => {
    const { mark } = await parseSealedPin(primitives, reference.request);
    assert.deepEqual(Buffer.from(mark), createHash("sha256").update(reference.request.encrypted_pin).digest());
  });

  test("refused: a key id that is not the JWE's kid", async () => {
    for (const key_id of ["", "other", reference.header.kid.toUpperCase(), `${reference.header.kid} `])
      await assert.rejects(parseSealedPin(primitives, { ...reference.request, key_id }), {
        code: "key_mismatch",
        field: "key_id",
      });
  });

  test("refused: what is no JWE, as the fingerprint that the reference pastes in its place", async () => {
    for (const encrypted_pin of [
      "",
      "Web;179ac83968ab42f79e960c1753a4078fdcon;jVl14emA+OcyALb9F+CMFg==",
      `${reference.request.encrypted_pin}=`,
    ])
      await assert.rejects(parseSealedPin(primitives, { ...reference.request, encrypted_pin }), {
        code: "jwe_malformed",
      });
  });
});

suite("a sealed PIN is opened", () => {
  for (const vector of [jose, jwcrypto])
    test(`made by ${vector.source}`, async () => {
      const key = createPrivateKey({ key: vector.privateKey, format: "jwk" });
      const request = { encrypted_pin: vector.encrypted_pin, key_id: vector.privateKey.kid };
      const pin = await openSealedPin(primitives, await parseSealedPin(primitives, request), unwrapWith(key));
      assert.deepEqual(pin.asciiDigits(), utf8(vector.pin));
    });

  test("made by the device half on WebCrypto, with its signature", async () => {
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
    const pin = await openSealedPin(primitives, await parseSealedPin(primitives, request), unwrapWith(privateKey));
    assert.ok(pin.equals(change.pin));
  });

  test("the house is asked for the 64 bytes under the key id of the request", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    const asked: unknown[] = [];
    await openSealedPin(primitives, sealed, (...question) => {
      asked.push(question);
      return unwrapWith(privateKey)(...question);
    });
    assert.deepEqual(asked, [[kid, sealed.jwe.wrappedKey, 64]]);
  });

  const nonsense = [
    '{"pin":1928}',
    '{"pin":"19 8"}',
    '{"pin":"١٩٢٨"}',
    '{"pin":"1928","pin":"8291"}',
    '{"pin":"192"}',
    "1928",
    "",
  ];
  for (const text of nonsense)
    test(`refused: a JWE that holds ${text || "nothing"}`, async () => {
      await assert.rejects(
        sealByJose(text).then((sealed) => openSealedPin(primitives, sealed, unwrapWith(privateKey))),
        opaque,
      );
    });

  test("refused: a content key that is not the JWE's, as an unwrap gives for a key wrapped wrongly", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    await assert.rejects(
      openSealedPin(primitives, sealed, async () => primitives.randomBytes(64)),
      opaque,
    );
  });

  test("refused: each altered part", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    for (const part of ["iv", "ciphertext", "tag"] as const) {
      const altered = sealed.jwe[part].map((byte, index) => (index === 0 ? byte ^ 1 : byte));
      const jwe = { ...sealed.jwe, [part]: altered };
      await assert.rejects(openSealedPin(primitives, { ...sealed, jwe }, unwrapWith(privateKey)), opaque);
    }
  });

  test("what the house refuses is passed on", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    const refusal = new LinchpinError("key_expired");
    await assert.rejects(
      openSealedPin(primitives, sealed, () => Promise.reject(refusal)),
      refusal,
    );
  });

  for (const text of ['{"pin":"1928"}', '{"pin":1928}', "nonsense"])
    test(`no plaintext and no content key stay behind: ${text}`, async () => {
      const secrets: Uint8Array[] = [];
      const keeping = async <Secret extends Uint8Array>(making: Promise<Secret>) => {
        const secret = await making;
        secrets.push(secret);
        return secret;
      };
      const watched: Primitives = {
        ...primitives,
        decryptAesCbc: (...input) => keeping(primitives.decryptAesCbc(...input)),
      };
      const unwrap: UnwrapContentKey = (...question) => keeping(unwrapWith(privateKey)(...question));
      await openSealedPin(watched, await sealByJose(text), unwrap).catch(opaque);
      assert.deepEqual(
        secrets.map(({ length }) => length),
        [64, text.length],
      );
      assert.ok(secrets.flatMap((secret) => [...secret]).every((byte) => byte === 0));
    });
});

suite("a device's signature", () => {
  for (const vector of [binding, openssl])
    test(`verifies: ${vector.source}`, async () => {
      await checkDeviceSignature(primitives, signedBy(vector));
      await checkDeviceSignature(webCryptoPrimitives, signedBy(vector));
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

async function sealByJose(text: string): Promise<SealedPin> {
  const header = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid };
  const encrypted_pin = await new CompactEncrypt(utf8(text)).setProtectedHeader(header).encrypt(publicKey);
  return parseSealedPin(primitives, { encrypted_pin, key_id: kid });
}

/** As a vault unwraps: 64 bytes come back whatever was wrapped. */
function unwrapWith(key: ReturnType<typeof createPrivateKey>): UnwrapContentKey {
  return async (_, wrappedKey, lengthBytes) => {
    try {
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
      return Uint8Array.from(privateDecrypt({ key, ...padding }, wrappedKey));
    } catch {
      return Uint8Array.from(randomBytes(lengthBytes));
    }
  };
}

/** One code and one sentence, whatever was wrong, and nothing of what was inside. */
function opaque(error: unknown): boolean {
  assert.ok(error instanceof LinchpinError);
  assert.deepEqual(
    [error.code, error.message, error.cause],
    ["decryption_failed", "the sealed PIN could not be opened", undefined],
  );
  assert.doesNotMatch(`${error.stack}${error.reason}`, /192|928|829/);
  return true;
}
