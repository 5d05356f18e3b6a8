import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { CompactSign, compactVerify } from "jose";
import { parseJws, signJws, utf8, verifyJws } from "../../src/index.ts";

const typ = "linchpin-answer+jwt";
const payload = { iss: "https://issuer.example", holder: "Zoë 🙂", seq: 3 };
const expected = { typ, maxLength: 2048 };
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicPoint = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }).subarray(-65));
const signBy = (key: KeyObject) => async (data: Uint8Array) =>
  Uint8Array.from(sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }));
const text = (part: unknown) =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

/** A JWS whose signature verifies, with this header and payload as they stand. */
async function signed(header: unknown, body: unknown = payload, key = privateKey): Promise<string> {
  const input = `${text(header)}.${text(body)}`;
  return `${input}.${Buffer.from(await signBy(key)(utf8(input))).toString("base64url")}`;
}

for (const [name, primitives] of Object.entries({
  "node:crypto": nodeCryptoPrimitives,
  WebCrypto: webCryptoPrimitives,
}))
  suite(`JWS on ${name}`, () => {
    test("jose verifies what is signed", async () => {
      const compact = await signJws({ typ, kid: "k1", payload }, signBy(privateKey));
      const verified = await compactVerify(compact, publicKey);
      assert.deepEqual(verified.protectedHeader, { alg: "ES256", typ, kid: "k1" });
      assert.deepEqual(JSON.parse(new TextDecoder().decode(verified.payload)), payload);
    });

    test("what jose signs is verified", async () => {
      const bytes = utf8(JSON.stringify(payload));
      const compact = await new CompactSign(bytes)
        .setProtectedHeader({ kid: "k1", typ, alg: "ES256" })
        .sign(privateKey);
      const jws = parseJws(compact, expected);
      assert.equal(jws.kid, "k1");
      assert.deepEqual(await verifyJws(primitives, jws, publicPoint), payload);
      assert.deepEqual(jws.signingInput, utf8(compact.slice(0, compact.lastIndexOf("."))));
    });

    test("refused: another key, each altered character", async () => {
      const compact = await signed({ alg: "ES256", typ, kid: "k1" });
      const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
        format: "der",
        type: "spki",
      });
      await assert.rejects(verifyJws(primitives, parseJws(compact, expected), other.subarray(-65)), {
        code: "signature_invalid",
      });
      for (let at = 0; at < compact.length; at++) {
        const wrong = compact.slice(0, at) + (compact[at] === "A" ? "B" : "A") + compact.slice(at + 1);
        await assert.rejects(async () => verifyJws(primitives, parseJws(wrong, expected), publicPoint), {
          code: "signature_invalid",
        });
      }
    });

    test("refused although the signature verifies: a payload that is no JSON object in UTF-8", async () => {
      for (const body of ["", "{", "null", "[]", '"text"', "1", "\ufeff{}"]) {
        const jws = parseJws(await signed({ alg: "ES256", typ, kid: "k1" }, body), expected);
        await assert.rejects(verifyJws(primitives, jws, publicPoint), { code: "signature_invalid" });
      }
      const input = `${text({ alg: "ES256", typ, kid: "k1" })}.${Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d).toString("base64url")}`;
      const signature = Buffer.from(await signBy(privateKey)(utf8(input))).toString("base64url");
      await assert.rejects(verifyJws(primitives, parseJws(`${input}.${signature}`, expected), publicPoint), {
        code: "signature_invalid",
      });
    });
  });

test("refused: any header but alg, typ and kid as they must be", async () => {
  const header = { alg: "ES256", typ, kid: "k1" };
  const wrong: unknown[] = [
    { ...header, alg: "none" },
    { ...header, alg: "HS256" },
    { ...header, alg: "ES384" },
    { ...header, alg: undefined },
    { ...header, typ: "JWT" },
    { ...header, typ: typ.toUpperCase() },
    { ...header, typ: `application/${typ}` },
    { ...header, typ: undefined },
    { ...header, kid: undefined },
    { ...header, kid: "" },
    { ...header, kid: 1 },
    { ...header, crit: ["exp"] },
    { ...header, b64: false },
    { ...header, jwk: publicKey.export({ format: "jwk" }) },
    { ...header, jku: "https://attacker.example" },
    { ...header, x5c: [] },
    { ...header, cty: "JWT" },
    { ...header, zip: "DEF" },
    null,
    [],
    "",
    "{",
    JSON.stringify(header).replace("{", "\ufeff{"),
  ];
  for (const other of wrong) {
    const compact = await signed(other);
    assert.throws(() => parseJws(compact, expected), { code: "signature_invalid" }, JSON.stringify(other));
  }
});

test("refused: what is no compact JWS of the length", async () => {
  const compact = await signed({ alg: "ES256", typ, kid: "k1" });
  const [header, body, signature] = compact.split(".");
  const wrong: unknown[] = [
    undefined,
    null,
    {},
    "",
    "..",
    `${header}.${body}`,
    `${compact}.`,
    `${compact}.${signature}`,
    `${compact}=`,
    ` ${compact}`,
    `${compact}\n`,
    compact.replace(".", ". "),
    compact.padEnd(2049, "A"),
  ];
  for (const other of wrong) assert.throws(() => parseJws(other, expected), { code: "signature_invalid" });
  assert.throws(() => parseJws(compact, { typ, maxLength: compact.length - 1 }), { code: "signature_invalid" });
  assert.equal(parseJws(compact, { typ, maxLength: compact.length }).kid, "k1");
});
