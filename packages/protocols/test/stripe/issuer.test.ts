import assert from "node:assert/strict";
import { constants, createHash, createPrivateKey, type KeyObject, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { LinchpinError, Pin, type Primitives, type Unwrap, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { sealPin } from "@linchpin/protocols/stripe/device";
import {
  type DescribedCard,
  describeCard,
  describeKey,
  markOf,
  openSealedPin,
  parseSealedPin,
} from "@linchpin/protocols/stripe/issuer";
import { CardReply, PinKeyReply } from "@linchpin/protocols/stripe/wire";
import { Value } from "typebox/value";
import openssl from "../../stripe/vectors/openssl.json" with { type: "json" };
import python from "../../stripe/vectors/python3-cryptography.json" with { type: "json" };
import jwcrypto from "../../stripe/vectors/python3-jwcrypto.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const privateKey = createPrivateKey({ key: python.privateKey, format: "jwk" });
const sealed = python.opened[0]?.jwe ?? assert.fail();

/** As a vault: a key that does not unwrap gives other bytes. */
const unwrapWith =
  (key: KeyObject): Unwrap =>
  async (wrapped, lengthBytes) => {
    try {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const content = privateDecrypt({ key, padding, oaepHash: "sha1" }, wrapped);
      if (content.length === lengthBytes) return Uint8Array.from(content);
    } catch {}
    return crypto.getRandomValues(new Uint8Array(lengthBytes));
  };

async function open(jwe: string, on: Primitives = primitives, key = privateKey): Promise<Pin> {
  return openSealedPin(on, await parseSealedPin(on, jwe), unwrapWith(key));
}

suite("a sealed PIN", () => {
  for (const [name, on] of [
    ["node:crypto", nodeCryptoPrimitives],
    ["WebCrypto", webCryptoPrimitives],
  ] as const) {
    for (const { source, keyId, opened, privateKey: key } of [openssl, python, jwcrypto])
      for (const [index, { pin, jwe }] of opened.entries())
        test(`${index} by ${source} is opened on ${name}`, async () => {
          assert.equal((await parseSealedPin(on, jwe)).keyId, keyId);
          const found = await open(jwe, on, createPrivateKey({ key, format: "jwk" }));
          assert.deepEqual(found.asciiDigits(), utf8(pin));
        });
    for (const { what, code, jwe } of python.refused)
      test(`with ${what} by ${python.source} is refused on ${name}`, async () => {
        await assert.rejects(open(jwe, on), (error) => {
          assert.ok(error instanceof LinchpinError);
          assert.equal(error.code, code, error.reason);
          assert.doesNotMatch(`${error.message} ${error.reason}`, /0123/);
          return true;
        });
      });
  }

  test("by the device half is opened", async () => {
    const { n, e, kid } = python.privateKey;
    const pin = new Pin(utf8("0471"));
    const jwe = await sealPin(webCryptoPrimitives, { pin, issuerKey: { kid, key: { n, e } } });
    assert.deepEqual((await open(jwe)).asciiDigits(), utf8("0471"));
  });

  test("has the sizes of the README, whatever the PIN's length", () => {
    for (const { jwe } of [...openssl.opened, ...jwcrypto.opened])
      assert.deepEqual(sizesOf(jwe).slice(1), [256, 16, 16, 16]);
    const header = '{"alg":"RSA-OAEP","enc":"A128CBC-HS256"}';
    const parts = sealed.split(".").slice(1).join(".").length + 1;
    assert.equal(Buffer.from(header).toString("base64url").length + parts, 466);
    const kid = crypto.randomUUID();
    assert.equal(Buffer.from(JSON.stringify({ ...JSON.parse(header), kid })).toString("base64url").length + parts, 526);
  });

  test("is refused with each part altered, emptied, lengthened, padded, or left out", async () => {
    const parts = sealed.split(".");
    for (const index of parts.keys()) {
      const part = parts[index] ?? "";
      const bytes = Buffer.from(part, "base64url");
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      const others = [bytes.toString("base64url"), "", `${part}AAAA`, `${part}=`, `${part}+/`, `${part.slice(0, 8)} `];
      for (const other of others) await assert.rejects(open(parts.with(index, other).join(".")), isRefused);
      await assert.rejects(open(parts.toSpliced(index, 1).join(".")), { code: "jwe_malformed" });
    }
    const json = JSON.stringify({ protected: parts[0], ciphertext: parts[3], tag: parts[4] });
    for (const text of ["", "0123", json, btoa(sealed), `${sealed}.`, ` ${sealed}`, `${sealed}\n`])
      await assert.rejects(open(text), { code: "jwe_malformed" });
  });

  test("is refused with a header that is no object of three texts, or is too long", async () => {
    const [, ...rest] = sealed.split(".");
    const pair = '"alg":"RSA-OAEP","enc":"A128CBC-HS256"';
    for (const header of [
      "",
      "null",
      "[]",
      `{${pair},"kid":7}`,
      `{${pair},"kid":""}`,
      `{${pair},"kid":"${"k".repeat(512)}"}`,
      `{${pair},"kid":"k"`,
    ]) {
      const text = [Buffer.from(header).toString("base64url"), ...rest].join(".");
      await assert.rejects(parseSealedPin(primitives, text), { code: "jwe_malformed" }, header);
    }
  });

  test("has the SHA-256 of its text as its mark, which is not computed again where the caller has it", async () => {
    const { mark } = await parseSealedPin(primitives, sealed);
    assert.deepEqual(Buffer.from(mark), createHash("sha256").update(sealed).digest());
    const sha256 = () => assert.fail("hashed again");
    const known = await markOf(primitives, sealed);
    assert.equal((await parseSealedPin({ ...primitives, sha256 }, sealed, known)).mark, known);
  });

  test("leaves no digit behind, opened or refused", async () => {
    for (const jwe of [sealed, python.refused.find(({ what }) => what === "JSON")?.jwe ?? assert.fail()]) {
      const contents: Uint8Array[] = [];
      const watched: Primitives = {
        ...primitives,
        decryptAesCbc: async (...given) => {
          const content = await primitives.decryptAesCbc(...given);
          contents.push(content);
          return content;
        },
      };
      await open(jwe, watched).catch(() => null);
      assert.ok(contents.length > 0 && contents.every((content) => content.every((byte) => byte === 0)));
    }
  });
});

suite("what the issuer says", () => {
  const card: DescribedCard = {
    id: "ic_1",
    state: "active",
    isPinBlocked: false,
    personId: "person",
    createdAt: new Date("2026-11-22T12:00:00.900Z"),
    expiration: null,
    details: {},
    isLive: false,
  };

  test("of its key: one key in two forms", () => {
    const { n, e } = python.privateKey;
    const reply = describeKey({ id: "k", n, e, spkiPem: "-----BEGIN PUBLIC KEY-----" });
    assert.ok(Value.Check(PinKeyReply, reply));
    assert.deepEqual(reply.jwk, { kty: "RSA", n, e, kid: "k", use: "enc", alg: "RSA-OAEP" });
    assert.equal(reply.key_id, "k");
  });

  test("of a card: active, inactive for three causes, canceled", () => {
    const cases: [Partial<DescribedCard>, string][] = [
      [{}, "active"],
      [{ details: { status: "active" } }, "active"],
      [{ details: { status: "inactive" } }, "inactive"],
      [{ isPinBlocked: true, details: { status: "active" } }, "inactive"],
      [{ state: "blocked" }, "inactive"],
      [{ state: "terminated", details: { status: "active" } }, "canceled"],
    ];
    for (const [of, status] of cases) assert.equal(describeCard({ ...card, ...of }).status, status);
  });

  test("of a card: what was kept, and neither PIN nor number", () => {
    const details = { currency: "usd", type: "virtual", "metadata.a": "1", spending_controls: '{"a":["b"]}' };
    const reply = describeCard({ ...card, expiration: { month: 3, year: 2031 }, details });
    assert.ok(Value.Check(CardReply, reply));
    assert.deepEqual([reply.metadata, reply.spending_controls], [{ a: "1" }, { a: ["b"] }]);
    assert.deepEqual([reply.created, reply.exp_month, reply.exp_year], [1795348800, 3, 2031]);
    for (const name of ["pin", "number", "cvc"]) assert.ok(!(name in reply));
  });
});

function sizesOf(jwe: string): number[] {
  return jwe.split(".").map((part) => Buffer.from(part, "base64url").length);
}

function isRefused(error: unknown): boolean {
  return error instanceof LinchpinError && ["jwe_malformed", "decryption_failed"].includes(error.code);
}
