import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import {
  bytesFromHex,
  encodeP256PublicKey,
  hexFromBytes,
  LinchpinError,
  type Primitives,
  parseP256PublicKey,
} from "../../src/index.ts";
import { type PlaceAgreementKey, placeNodeAgreementKey, placeWebAgreementKey } from "./place-agreement-key.ts";

const spkiOf = (type: "P-256" | "secp256k1" | "P-384") =>
  generateKeyPairSync("ec", { namedCurve: type }).publicKey.export({ format: "der", type: "spki" });

const spki = spkiOf("P-256");
const hex = hexFromBytes(spki);
const raw = hex.slice(52);

const platforms: Record<string, { primitives: Primitives; place: PlaceAgreementKey }> = {
  "node:crypto": { primitives: nodeCryptoPrimitives, place: placeNodeAgreementKey },
  WebCrypto: { primitives: webCryptoPrimitives, place: placeWebAgreementKey },
};

for (const [name, { primitives, place }] of Object.entries(platforms))
  suite(`a P-256 public key on ${name}`, () => {
    test("SPKI and raw point are read, and written in the encoding received", async () => {
      for (const [encoded, encoding] of [
        [hex, "spki"],
        [raw, "raw"],
      ] as const) {
        const key = await parseP256PublicKey(primitives, bytesFromHex(encoded));
        assert.deepEqual([hexFromBytes(key.point), key.encoding], [raw, encoding]);
        assert.equal(hexFromBytes(encodeP256PublicKey(key.point, key.encoding)), encoded);
      }
    });

    const refused: Record<string, string> = {
      nothing: "",
      "a compressed point": `02${raw.slice(2, 66)}`,
      "a compressed point in SPKI": `3039301306072a8648ce3d020106082a8648ce3d03010703220002${raw.slice(2, 66)}`,
      "a hybrid point": `06${raw.slice(2)}`,
      "a hybrid point in SPKI": `${hex.slice(0, 52)}06${raw.slice(2)}`,
      infinity: "00",
      "infinity in SPKI": "3019301306072a8648ce3d020106082a8648ce3d0301070302000000",
      zeros: `04${"00".repeat(64)}`,
      "a point beside the curve": `${raw.slice(0, -2)}${raw.endsWith("00") ? "01" : "00"}`,
      "a point beside the curve, in SPKI": `${hex.slice(0, -2)}${hex.endsWith("00") ? "01" : "00"}`,
      "a point without 04": raw.slice(2),
      "a byte behind the point": `${raw}00`,
      "a byte behind the SPKI": `${hex}00`,
      "a byte missing": hex.slice(0, -2),
      secp256k1: hexFromBytes(spkiOf("secp256k1")),
      "secp256k1, raw": hexFromBytes(spkiOf("secp256k1").subarray(-65)),
      "secp256k1 that says P-256": hex.slice(0, 52) + hexFromBytes(spkiOf("secp256k1").subarray(-65)),
      "P-384": hexFromBytes(spkiOf("P-384")),
      "an RSA key": hexFromBytes(
        generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "der", type: "spki" }),
      ),
      "unused bits": `${hex.slice(0, 50)}01${raw}`,
      "PEM text": Buffer.from(`-----BEGIN PUBLIC KEY-----\n${spki.toString("base64")}`).toString("hex"),
    };
    for (const [what, encoded] of Object.entries(refused))
      test(`refused: ${what}`, async () => {
        await assert.rejects(parseP256PublicKey(primitives, bytesFromHex(encoded)), {
          name: "LinchpinError",
          code: "public_key_unusable",
        });
      });

    for (const [fileName, atLeast] of [
      ["ecdh_secp256r1_test.json", { valid: 300, invalid: 40, acceptable: 200 }],
      ["ecdh_secp256r1_ecpoint_test.json", { valid: 300, invalid: 20, acceptable: 1 }],
    ] as const)
      test(`Wycheproof ${fileName}`, { skip: withoutWycheproof }, async (t) => {
        const cases = readWycheproof<{ tests: readonly EcdhCase[] }>(fileName).flatMap(({ tests }) => tests);
        const held = { valid: 0, invalid: 0, acceptable: 0 };
        for (const { tcId, comment, public: publicHex, private: privateHex, shared, result } of cases) {
          const key = await place(t, privateHex);
          const secret = await agree(primitives, key.agree, publicHex);
          assert.equal(secret, result === "valid" ? shared : "public_key_unusable", `${tcId}: ${comment}`);
          held[result] += 1;
        }
        for (const result of ["valid", "invalid", "acceptable"] as const)
          assert.ok(held[result] >= atLeast[result], JSON.stringify(held));
      });
  });

type EcdhCase = WycheproofCase & Readonly<Record<"public" | "private" | "shared", string>>;

async function agree(primitives: Primitives, agreeWith: (point: Uint8Array) => Promise<Uint8Array>, publicHex: string) {
  try {
    const { point } = await parseP256PublicKey(primitives, bytesFromHex(publicHex));
    return hexFromBytes(await agreeWith(point));
  } catch (error) {
    assert.ok(error instanceof LinchpinError);
    return error.code;
  }
}
