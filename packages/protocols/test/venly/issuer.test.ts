import assert from "node:assert/strict";
import { constants, createHash, createPrivateKey, privateDecrypt, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { base64FromBytes, type Unwrap, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makeEncryptedSigningMethod,
  sealMethodRequest,
  sealMethodUpdate,
  sealUserRequest,
} from "@linchpin/protocols/venly/device";
import {
  checkBodyHash,
  checkValue,
  makeEmergencyCode,
  openMessage,
  parseMessage,
  parsePlainHeader,
  parseSealedHeader,
  readMethodRequest,
  readMethodUpdate,
  readSignedMethod,
  readUserRequest,
  type SealedMessage,
} from "@linchpin/protocols/venly/issuer";
import guide from "../../venly/vectors/encrypted-pin-transfer-guide.json" with { type: "json" };
import python from "../../venly/vectors/python3-cryptography.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const privateKey = createPrivateKey({
  key: Buffer.from(python.privateKeyPkcs8, "base64"),
  format: "der",
  type: "pkcs8",
});
const security = {
  success: true,
  result: { encryptionKeys: [{ ...python.encryptionKey, encryptionAlgorithm: "RSAES_OAEP_SHA_256" }] },
};
const issuerKey = acceptIssuerKey(security);
const body = utf8(guide.body);
const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array());
const headerOf = (envelope: unknown) => base64FromBytes(utf8(JSON.stringify(envelope)));

/** As a vault does: a key of the right length comes back, whatever was sent. */
const unwrap: Unwrap = async (wrapped, lengthBytes) => {
  try {
    const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    const key = privateDecrypt(oaep, wrapped);
    return key.length === lengthBytes ? key : randomBytes(lengthBytes);
  } catch {
    return randomBytes(lengthBytes);
  }
};

async function sealedOf(bytes: Uint8Array): Promise<SealedMessage> {
  const message = await parseMessage(primitives, bytes);
  return "sealed" in message ? message.sealed : assert.fail("an envelope");
}

suite("what python3-cryptography sealed", () => {
  test("a signing method, over the guide's own content", async () => {
    const sealed = await parseSealedHeader(primitives, headerOf(python.signedMethod.envelope));
    assert.equal(sealed.keyId, python.encryptionKey.id);
    const presented = await openMessage(primitives, sealed, unwrap, readSignedMethod);
    const { value, bodySha256, ...rest } = presented;
    assert.deepEqual(rest, {
      id: "2bed9491-cdf2-454f-bdfa-716c94cbd922",
      physicalDeviceId: null,
      idempotencyKey: "9ee45da6-193b-4b07-bdd5-92f5602bcf62",
    });
    assert.equal(text(value), "123456");
    assert.equal(Buffer.from(bodySha256 ?? []).toString("hex"), guide.bodySha256);
    await assert.rejects(checkBodyHash(primitives, presented, body), { code: "body_mismatch" });
  });

  test("each body of the guide", async () => {
    const open = async <T>(envelope: unknown, read: Parameters<typeof openMessage<T>>[3]) =>
      openMessage(primitives, await sealedOf(utf8(JSON.stringify(envelope))), unwrap, read);
    const user = await open(python.createUser.envelope, readUserRequest);
    assert.deepEqual([user.reference, user.signingMethod?.type], ["Test User Venly", "PIN"]);
    assert.equal(text(user.signingMethod?.value ?? null), "123456");
    const method = await open(python.createSigningMethod.envelope, readMethodRequest);
    assert.deepEqual([method.type, text(method.value)], ["PIN", "123456"]);
    assert.equal(text((await open(python.updateSigningMethod.envelope, readMethodUpdate)).value), "654321");
  });
});

for (const [name, device] of [
  ["node:crypto", nodeCryptoPrimitives],
  ["WebCrypto", webCryptoPrimitives],
] as const)
  suite(`both halves, the device's on ${name}`, () => {
    const method = { id: "64c10e41", value: utf8('bio"\\metric'), physicalDeviceId: "phone" };

    for (const hash of ["hex", "base64"] as const)
      test(`a signing method with a ${hash} hash`, async () => {
        const header = await makeEncryptedSigningMethod(device, issuerKey, { method, body, hash });
        const sealed = await parseSealedHeader(primitives, header);
        const presented = await openMessage(primitives, sealed, unwrap, readSignedMethod);
        await checkBodyHash(primitives, presented, body);
        assert.deepEqual(presented.value, method.value);
        assert.match(
          presented.idempotencyKey ?? "",
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        await assert.rejects(checkBodyHash(primitives, presented, utf8(`${guide.body} `)), { code: "body_mismatch" });
      });

    test("each body", async () => {
      const value = utf8("123456");
      const sealed = [
        [await sealUserRequest(device, issuerKey, { reference: "r" }), readUserRequest],
        [
          await sealUserRequest(device, issuerKey, { reference: "r", signingMethod: { type: "PIN", value } }),
          readUserRequest,
        ],
        [await sealMethodRequest(device, issuerKey, { type: "EMERGENCY_CODE" }), readMethodRequest],
        [
          await sealMethodRequest(device, issuerKey, { type: "BIOMETRIC", value, physicalDeviceId: "p" }),
          readMethodRequest,
        ],
        [await sealMethodUpdate(device, issuerKey, { value }), readMethodUpdate],
      ] as const;
      for (const [envelope, read] of sealed)
        await openMessage<unknown>(primitives, await sealedOf(utf8(JSON.stringify(envelope))), unwrap, read);
      assert.equal(text(value), "123456", "wiping it stays with the caller");
    });
  });

suite("the mark of an envelope", () => {
  const { envelope } = python.signedMethod;

  test("is the same however its JSON is written", async () => {
    const { encryption, value } = envelope;
    const forms = [envelope, { value, encryption: { iv: encryption.iv, key: encryption.key, type: encryption.type } }];
    const texts = [...forms.map((form) => JSON.stringify(form)), JSON.stringify(envelope, null, 4)];
    const marks = await Promise.all(texts.map(async (json) => (await sealedOf(utf8(json))).mark));
    for (const mark of marks) assert.deepEqual(mark, marks[0]);
    assert.equal(marks[0]?.length, 32);
  });

  test("is another for anything else that was encrypted", async () => {
    const { mark } = await sealedOf(utf8(JSON.stringify(envelope)));
    const other = { ...envelope, value: python.createUser.envelope.value };
    assert.notDeepEqual((await sealedOf(utf8(JSON.stringify(other)))).mark, mark);
  });
});

suite("refused as one: an envelope", () => {
  const { envelope } = python.signedMethod;
  const encryptionOf = (more: object) => ({ ...envelope, encryption: { ...envelope.encryption, ...more } });
  const keyOf = (more: object) => encryptionOf({ key: { ...envelope.encryption.key, ...more } });
  const open = async (header: string) =>
    openMessage(primitives, await parseSealedHeader(primitives, header), unwrap, readSignedMethod);

  for (const [what, altered] of [
    ["no members", {}],
    ["an array", []],
    ["another type", encryptionOf({ type: "AES/GCM/PKCS5Padding" })],
    ["an IV of 11 bytes", encryptionOf({ iv: base64FromBytes(new Uint8Array(11)) })],
    ["an IV that is not canonical", encryptionOf({ iv: envelope.encryption.iv.replace(/.$/, "=") })],
    ["a key id too long", keyOf({ encryptionKeyId: "k".repeat(129) })],
    ["a wrapped key too long", keyOf({ encryptedValue: base64FromBytes(new Uint8Array(600)) })],
    ["a wrapped key of one byte", keyOf({ encryptedValue: "AA==" })],
    ["another wrapped key", keyOf({ encryptedValue: python.createUser.envelope.encryption.key.encryptedValue })],
    ["another IV", encryptionOf({ iv: python.createUser.envelope.encryption.iv })],
    ["another ciphertext", { ...envelope, value: python.createUser.envelope.value }],
    ["15 bytes of ciphertext", { ...envelope, value: base64FromBytes(new Uint8Array(15)) }],
    ["a ciphertext too long", { ...envelope, value: base64FromBytes(new Uint8Array(4200)) }],
    ["content of another request", python.createUser.envelope],
    ["a member in another case", { ...envelope, Value: envelope.value }],
  ] as const)
    test(what, async () => {
      await assert.rejects(open(headerOf(altered)), { code: "decryption_failed" });
    });

  test("each byte of the ciphertext, altered", async () => {
    const bytes = Buffer.from(envelope.value, "base64");
    for (let index = 0; index < bytes.length; index += 7) {
      const altered = Uint8Array.from(bytes);
      altered[index] = (altered[index] ?? 0) ^ 0x80;
      await assert.rejects(open(headerOf({ ...envelope, value: base64FromBytes(altered) })), {
        code: "decryption_failed",
      });
    }
  });
});

suite("a plain header", () => {
  test("is an id, a colon and a value, which may hold colons", () => {
    const presented = parsePlainHeader("756ae7a7-3713-43ee-9936-0dff50306488:12:34");
    assert.deepEqual([presented.id, text(presented.value)], ["756ae7a7-3713-43ee-9936-0dff50306488", "12:34"]);
    assert.deepEqual([presented.idempotencyKey, presented.bodySha256], [null, null]);
  });

  for (const header of ["", ":", ":123456", "id", `${"i".repeat(65)}:1`, `id:${"1".repeat(257)}`])
    test(`refused: ${header.slice(0, 20)}`, () => {
      assert.throws(() => parsePlainHeader(header), { code: "request_invalid" });
    });
});

suite("the value of a signing method", () => {
  for (const [type, value] of [
    ["PIN", "000000"],
    ["EMERGENCY_CODE", guide.emergencyCode],
    ["BIOMETRIC", "2f08ae38-b3b9-4857-b46e-3b20e1a936f8"],
  ] as const)
    test(`taken: ${type}`, () => {
      assert.equal(text(checkValue(type, utf8(value))), value);
    });

  for (const [type, value] of [
    ["PIN", "12345"],
    ["PIN", "1234567"],
    ["PIN", "12345 "],
    ["PIN", "１２"],
    ["EMERGENCY_CODE", guide.emergencyCode.slice(1)],
    ["EMERGENCY_CODE", `${guide.emergencyCode}A`],
    ["EMERGENCY_CODE", guide.emergencyCode.replace("U", "_")],
    ["BIOMETRIC", "1234567"],
    ["BIOMETRIC", "with space"],
    ["BIOMETRIC", "é".repeat(8)],
    ["BIOMETRIC", "b".repeat(257)],
  ] as const)
    test(`refused: ${type} ${value.slice(0, 30)}`, () => {
      assert.throws(() => checkValue(type, utf8(value)), { code: "signing_method_malformed" });
    });

  test("refused: none", () => {
    for (const value of [null, new Uint8Array()])
      assert.throws(() => checkValue("PIN", value), { code: "signing_method_empty" });
  });

  test("a made code is 25 letters and digits, and no two are one", () => {
    const codes = Array.from({ length: 200 }, () => text(makeEmergencyCode(primitives)));
    for (const code of codes) assert.match(code, /^[A-Za-z0-9]{25}$/);
    assert.equal(new Set(codes).size, codes.length);
    assert.equal(new Set(codes.join("")).size, 62, "every letter and digit comes up");
  });

  test("a made code takes no byte that would favour a letter", () => {
    const bytes = [255, 254, 253, 252, 251, 250, 249, 248, ...Array(25).fill(247)];
    const random = { randomBytes: (length: number) => Uint8Array.from(bytes.splice(0, length)) };
    assert.equal(text(makeEmergencyCode(random)), "9".repeat(25));
  });
});

suite("the guide's example", () => {
  test("its key is accepted", () => {
    assert.equal(acceptIssuerKey(guide.security).id, "837943da-82aa-49c5-bab7-503010985ae9");
  });

  test("its hash is not that of its body, in any white space that was tried", () => {
    const forms = [guide.body, JSON.stringify(JSON.parse(guide.body)), JSON.stringify(JSON.parse(guide.body), null, 2)];
    for (const form of forms) assert.notEqual(createHash("sha256").update(form).digest("hex"), guide.bodySha256);
  });
});
