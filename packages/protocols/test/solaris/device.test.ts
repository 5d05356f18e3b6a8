import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { suite, test } from "node:test";
import { bytesFromHex, hexFromBytes, Pin, type Primitives, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makeAddDeviceKeyRequest,
  makeBindDeviceRequest,
  makePinUpdateRequest,
  makeScaPinUpdateRequest,
  readStringToSign,
  signAuthorization,
  signCode,
} from "@linchpin/protocols/solaris/device";
import { writeStringToSign } from "@linchpin/protocols/solaris/issuer";
import {
  AddDeviceKeyRequest,
  BindDeviceRequest,
  PinUpdateRequest,
  ScaPinUpdateRequest,
  SignatureAnswer,
} from "@linchpin/protocols/solaris/wire";
import { compactDecrypt } from "jose";
import { Value } from "typebox/value";
import guide from "../../solaris/vectors/pin-change-guide.json" with { type: "json" };
import reference from "../../solaris/vectors/pin-change-reference.json" with { type: "json" };

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };
const jwk = { ...reference.key, n, e };
const issuerKey = acceptIssuerKey(jwk);

const authorization = { operation: "change_pin", card: "0123456789abcdef0123456789abcdefmcrd" } as const;
const nonce = Buffer.alloc(32, 7).toString("base64url");
const stringToSign = writeStringToSign({ ...authorization, at: new Date("2026-11-28T19:44:13.987Z") }, nonce);

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`the device half on ${name}`, () => {
    test("a signed change: jose opens the JWE, node:crypto verifies the signature over its text", async () => {
      const restrictedKey = await primitives.makeSigningKey();
      const pin = new Pin(utf8("1928"));
      const request = await makePinUpdateRequest(primitives, { pin, issuerKey, deviceId: "device-1", restrictedKey });
      assert.ok(Value.Check(PinUpdateRequest, request));
      assert.deepEqual([request.device_id, request.key_id], ["device-1", jwk.kid]);
      const { plaintext, protectedHeader } = await compactDecrypt(request.encrypted_pin, privateKey);
      assert.equal(Buffer.from(plaintext).toString(), guide.plaintext);
      assert.deepEqual(protectedHeader, { ...reference.header, kid: jwk.kid });
      assert.ok(opensslVerifies(restrictedKey.publicPoint, request.encrypted_pin, request.signature));
    });

    test("the signature covers the JWE: not the clear JSON, not the JWE's hash", async () => {
      const restrictedKey = await primitives.makeSigningKey();
      const pin = new Pin(utf8("1928"));
      const { encrypted_pin, signature } = await makePinUpdateRequest(primitives, {
        pin,
        issuerKey,
        deviceId: "d",
        restrictedKey,
      });
      const hash = createHash("sha256").update(encrypted_pin).digest();
      for (const other of [guide.plaintext, hash, hash.toString("hex"), `${encrypted_pin}\n`])
        assert.equal(opensslVerifies(restrictedKey.publicPoint, other, signature), false);
    });

    test("a change by change request carries the sealed PIN alone", async () => {
      const request = await makeScaPinUpdateRequest(primitives, { pin: new Pin(utf8("0193")), issuerKey });
      assert.ok(Value.Check(ScaPinUpdateRequest, request));
      assert.deepEqual(Object.keys(request).sort(), ["encrypted_pin", "key_id"]);
      const { plaintext } = await compactDecrypt(request.encrypted_pin, privateKey);
      assert.equal(Buffer.from(plaintext).toString(), '{"pin":"0193"}');
    });

    test("sealing again gives another JWE", async () => {
      const pin = new Pin(utf8("1928"));
      const [one, two] = [
        await makeScaPinUpdateRequest(primitives, { pin, issuerKey }),
        await makeScaPinUpdateRequest(primitives, { pin, issuerKey }),
      ];
      assert.notEqual(one.encrypted_pin, two.encrypted_pin);
    });

    test("device data goes along only where there is some", async () => {
      const change = {
        pin: new Pin(utf8("1928")),
        issuerKey,
        deviceId: "d",
        restrictedKey: await primitives.makeSigningKey(),
      };
      assert.equal("device_data" in (await makePinUpdateRequest(primitives, change)), false);
      const request = await makePinUpdateRequest(primitives, { ...change, deviceData: "Web;1" });
      assert.equal(request.device_data, "Web;1");
    });

    test("neither plaintext nor content key stay behind, whether sealing works or not", async () => {
      for (const key of [issuerKey, { ...issuerKey, key: { n: "AQAB", e: "AQAB" } }]) {
        const { watched, secrets } = watch(primitives);
        await makeScaPinUpdateRequest(watched, { pin: new Pin(utf8("1928")), issuerKey: key }).catch((error) =>
          assert.equal(error.code, "public_key_unusable"),
        );
        assert.ok(secrets.length > 0 && secrets.flatMap((secret) => [...secret]).every((byte) => byte === 0));
      }
    });

    test("the PIN stays the caller's to wipe", async () => {
      const pin = new Pin(utf8("1928"));
      await makeScaPinUpdateRequest(primitives, { pin, issuerKey });
      assert.deepEqual(pin.asciiDigits(), utf8("1928"));
    });

    test("a code is signed as it is, and nothing else is signed as one", async () => {
      const key = await primitives.makeSigningKey();
      const answer = await signCode(key, "212212");
      assert.ok(Value.Check(SignatureAnswer, answer));
      assert.ok(opensslVerifies(key.publicPoint, "212212", answer.signature));
      assert.equal(opensslVerifies(key.publicPoint, "212213", answer.signature), false);
      const { encrypted_pin } = await makeScaPinUpdateRequest(primitives, { pin: new Pin(utf8("1928")), issuerKey });
      const others = [
        "",
        "21221",
        "2122122",
        "212212\n",
        "٢١٢٢١٢",
        encrypted_pin,
        hexFromBytes(key.publicPoint),
        stringToSign,
      ];
      for (const text of others) await assert.rejects(signCode(key, text), { code: "tan_invalid" });
    });

    test("a string is signed for what it authorizes, and nothing else is signed as one", async () => {
      const key = await primitives.makeSigningKey();
      const { signature } = await signAuthorization(key, stringToSign, authorization);
      assert.ok(opensslVerifies(key.publicPoint, stringToSign, signature));
      assert.equal(
        stringToSign,
        `linchpin-authorization-1;operation=change_pin;card=${authorization.card};at=2026-11-28T19:44:13Z;nonce=${nonce}`,
      );
      assert.deepEqual(readStringToSign(stringToSign), { ...authorization, at: new Date("2026-11-28T19:44:13Z") });
      for (const expected of [
        { operation: "change_pin", card: "another" },
        { operation: "change_pin", card: authorization.card.slice(0, -1) },
        { operation: "answer_challenge", device: authorization.card },
      ] as const)
        await assert.rejects(signAuthorization(key, stringToSign, expected), { code: "request_invalid" });
      const { encrypted_pin } = await makeScaPinUpdateRequest(primitives, { pin: new Pin(utf8("1928")), issuerKey });
      const others = [
        "212212",
        encrypted_pin,
        hexFromBytes(key.publicPoint),
        "",
        nonce,
        stringToSign.replace(authorization.card, ""),
        stringToSign.replace("2026-11-28T", "2026-11-32T"),
        stringToSign.replace(";card=", ";device="),
        `${stringToSign}\n`,
        stringToSign.replace("change_pin", "delete_card"),
        stringToSign.replace(";at=", ";amount=1;at="),
        stringToSign.slice(0, -1),
      ];
      for (const text of others)
        await assert.rejects(signAuthorization(key, text, authorization), { code: "request_invalid" });
    });

    test("a new key is signed by the known one, over its hex text", async () => {
      const [newKey, knownKey] = [await primitives.makeSigningKey(), await primitives.makeSigningKey()];
      const request = await makeAddDeviceKeyRequest({
        newKey,
        newKeyPurpose: "restricted",
        knownKey,
        knownKeyPurpose: "unrestricted",
      });
      assert.ok(Value.Check(AddDeviceKeyRequest, request));
      assert.deepEqual(
        [request.key_purpose, request.device_signature.signature_key_purpose],
        ["restricted", "unrestricted"],
      );
      assert.equal(request.key, hexFromBytes(newKey.publicPoint));
      assert.ok(opensslVerifies(knownKey.publicPoint, request.key, request.device_signature.signature));
      assert.equal(opensslVerifies(newKey.publicPoint, request.key, request.device_signature.signature), false);
    });
  });

test("a device is bound by its public point in hex", async () => {
  const key = await webCryptoPrimitives.makeSigningKey();
  const required = makeBindDeviceRequest({ personId: "1cper", key });
  assert.ok(Value.Check(BindDeviceRequest, required));
  assert.deepEqual(required, { person_id: "1cper", key_type: "ecdsa-p256", key: hexFromBytes(key.publicPoint) });
  const chosen = {
    challenge_type: "activation_code",
    key_purpose: "restricted",
    name: "Telefon",
    language: "de",
  } as const;
  const request = makeBindDeviceRequest({ personId: "1cper", key, ...chosen });
  assert.ok(Value.Check(BindDeviceRequest, request));
  assert.deepEqual(request, { ...required, ...chosen });
});

suite("the issuer's key at the door", () => {
  test("the keys that Solaris publishes come in, though their alg is RS256", () => {
    for (const { key } of [guide, reference])
      assert.deepEqual(acceptIssuerKey(key), { kid: key.kid, key: { n: key.n, e: key.e } });
  });

  test("alg may be anything or be missing: it decides nothing", () => {
    for (const alg of ["RSA-OAEP-256", "RSA-OAEP", "none", undefined])
      assert.equal(acceptIssuerKey({ ...jwk, alg }).kid, jwk.kid);
  });

  const secret = privateKey.export({ format: "jwk" });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const refused: Record<string, unknown> = {
    nothing: undefined,
    null: null,
    "a text": JSON.stringify(jwk),
    "a list": [jwk],
    "a key set": { keys: [jwk] },
    "an empty object": {},
    "no kid": { ...jwk, kid: undefined },
    "an empty kid": { ...jwk, kid: "" },
    "a kid that is a number": { ...jwk, kid: 7 },
    "a signature key": { ...jwk, use: "sig" },
    "no use": { ...jwk, use: undefined },
    "an EC key": { ...ec, kid: jwk.kid, use: "enc" },
    "a symmetric key": { kty: "oct", k: "AAAA", kid: jwk.kid, use: "enc" },
    "a private key": { ...secret, kid: jwk.kid, use: "enc" },
    "kty in lower case": { ...jwk, kty: "rsa" },
    "no modulus": { ...jwk, n: undefined },
    "no exponent": { ...jwk, e: undefined },
    "an exponent that is a number": { ...jwk, e: 65537 },
  };
  for (const [what, key] of Object.entries(refused))
    test(`refused: ${what}`, () => {
      assert.throws(() => acceptIssuerKey(key), { name: "LinchpinError", code: "public_key_unusable" });
    });

  test("nothing is sealed to a key that is too weak", async () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    for (const weak of [short, { n: "" }, { e: "AQ" }, { e: "AQAC" }])
      await assert.rejects(
        makeScaPinUpdateRequest(webCryptoPrimitives, {
          pin: new Pin(utf8("1928")),
          issuerKey: acceptIssuerKey({ ...jwk, ...weak, kid: jwk.kid }),
        }),
        { name: "LinchpinError", code: "public_key_unusable" },
      );
  });
});

function opensslVerifies(publicPoint: Uint8Array, text: string | Buffer, signatureHex: string): boolean {
  const coordinate = (from: number) => Buffer.from(publicPoint.subarray(from, from + 32)).toString("base64url");
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) }, format: "jwk" });
  return verify(
    "sha256",
    typeof text === "string" ? utf8(text) : text,
    { key, dsaEncoding: "der" },
    bytesFromHex(signatureHex),
  );
}

/** Keeps hold of what must be wiped: content keys, and plaintexts as they are handed to the cipher. */
function watch(primitives: Primitives): { watched: Primitives; secrets: Uint8Array[] } {
  const secrets: Uint8Array[] = [];
  const watched: Primitives = {
    ...primitives,
    randomBytes: (length) => {
      const bytes = primitives.randomBytes(length);
      if (length === 64) secrets.push(bytes);
      return bytes;
    },
    encryptAesCbc: (key, iv, plaintext) => {
      secrets.push(plaintext);
      return primitives.encryptAesCbc(key, iv, plaintext);
    },
  };
  return { watched, secrets };
}
