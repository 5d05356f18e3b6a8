import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { CompactEncrypt, compactDecrypt } from "jose";
import {
  base64urlFromBytes,
  LinchpinError,
  openJwe,
  type Primitives,
  parseJwe,
  rsaOaep256A256CbcHs512 as profile,
  rsaOaepA128CbcHs256 as row,
  sealJwe,
  utf8,
} from "../../src/index.ts";

const kid = "7ad91cad-8544-4fd2-be48-4729570a394a";
const header = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid };
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };
const recipient = { key: { n, e }, kid };
const plaintext = utf8('{"pin":"1928"}');

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`the JWE profile on ${name}`, () => {
    test("what is sealed has the header and the sizes that Solaris publishes", async () => {
      const segments = (await sealJwe(primitives, profile, recipient, plaintext))
        .split(".")
        .map((text) => Buffer.from(text, "base64url"));
      assert.equal(segments[0]?.toString(), JSON.stringify(header));
      assert.deepEqual(
        segments.map((segment) => segment.length),
        [89, 256, 16, 16, 32],
      );
    });

    test("jose opens what is sealed", async () => {
      const opened = await compactDecrypt(await sealJwe(primitives, profile, recipient, plaintext), privateKey);
      assert.deepEqual(Uint8Array.from(opened.plaintext), plaintext);
      assert.deepEqual(opened.protectedHeader, header);
    });

    test("what jose seals is opened, whatever its length", async () => {
      for (const length of [0, 1, 15, 16, 17, 300]) {
        const message = Uint8Array.from(randomBytes(length));
        assert.deepEqual(await open(primitives, await sealByJose(header, message)), message);
      }
    });

    test("sealing twice shares nothing but the header", async () => {
      const [one, two] = [
        await sealJwe(primitives, profile, recipient, plaintext),
        await sealJwe(primitives, profile, recipient, plaintext),
      ];
      const same = one.split(".").map((segment, index) => segment === two.split(".")[index]);
      assert.deepEqual(same, [true, false, false, false, false]);
    });

    test("a key that can not carry the content key is refused", async () => {
      await assert.rejects(sealJwe(primitives, profile, { key: { n: "AQAB", e }, kid }, plaintext), {
        code: "public_key_unusable",
      });
    });

    test("every altered character of every segment is refused", async () => {
      const compact = await sealJwe(primitives, profile, recipient, plaintext);
      for (const [index, character] of [...compact].entries()) {
        if (character === ".") continue;
        const altered = `${compact.slice(0, index)}${character === "A" ? "Q" : "A"}${compact.slice(index + 1)}`;
        await assert.rejects(open(primitives, altered), refused, `character ${index}`);
      }
    });

    test("every two segments swapped are refused", async () => {
      const segments = (await sealJwe(primitives, profile, recipient, plaintext)).split(".");
      for (let left = 0; left < 5; left++)
        for (let right = left + 1; right < 5; right++) {
          const swapped = segments.with(left, segments[right] ?? "").with(right, segments[left] ?? "");
          await assert.rejects(open(primitives, swapped.join(".")), refused, `${left} and ${right}`);
        }
    });

    test("segments of another JWE are refused", async () => {
      const segments = (await sealJwe(primitives, profile, recipient, plaintext)).split(".");
      const others = (await sealJwe(primitives, profile, recipient, plaintext)).split(".");
      for (const index of [1, 2, 3, 4])
        await assert.rejects(open(primitives, segments.with(index, others[index] ?? "").join(".")), decryptionFailed);
    });

    test("the same header in other words is refused: the tag covers its text", async () => {
      const segments = (await sealJwe(primitives, profile, recipient, plaintext)).split(".");
      for (const text of [
        JSON.stringify(header, null, 1),
        JSON.stringify({ kid, enc: header.enc, alg: header.alg }),
        JSON.stringify({ ...header, typ: "JOSE" }),
      ])
        await assert.rejects(open(primitives, segments.with(0, encoded(text)).join(".")), decryptionFailed);
    });
  });

test("another row: jose opens what is sealed by RSA-OAEP with A128CBC-HS256, and neither row parses the other's", async () => {
  const compact = await sealJwe(nodeCryptoPrimitives, row, recipient, plaintext);
  const opened = await compactDecrypt(compact, privateKey);
  assert.deepEqual(Uint8Array.from(opened.plaintext), plaintext);
  assert.deepEqual(opened.protectedHeader, { ...row.header, kid });
  assert.deepEqual([parseJwe(row, compact).tag.length, parseJwe(row, compact).kid], [16, kid]);
  assert.throws(() => parseJwe(profile, compact), { code: "jwe_malformed", reason: "alg is not RSA-OAEP-256" });
  const ours = await sealJwe(nodeCryptoPrimitives, profile, recipient, plaintext);
  assert.throws(() => parseJwe(row, ours), { code: "jwe_malformed", reason: "alg is not RSA-OAEP" });
});

suite("refused before any decryption", async () => {
  const compact = await sealJwe(webCryptoPrimitives, profile, recipient, plaintext);
  const segments = compact.split(".");
  const withHeader = (text: string | Uint8Array) => segments.with(0, encoded(text)).join(".");
  const withMember = (member: object) => withHeader(JSON.stringify({ ...header, ...member }));

  const texts: Record<string, string> = {
    nothing: "",
    "no JWE": "PIN",
    "four segments": segments.slice(0, 4).join("."),
    "six segments": `${compact}.`,
    "JSON serialization": JSON.stringify({ protected: segments[0], ciphertext: segments[3] }),
    "alg RSA-OAEP": withMember({ alg: "RSA-OAEP" }),
    "alg RSA1_5": withMember({ alg: "RSA1_5" }),
    "alg dir": withMember({ alg: "dir" }),
    "alg none": withMember({ alg: "none" }),
    "alg RS256, as the JWK has it": withMember({ alg: "RS256" }),
    "alg in lower case": withMember({ alg: "rsa-oaep-256" }),
    "alg as a list": withMember({ alg: ["RSA-OAEP-256"] }),
    "no alg": withHeader(JSON.stringify({ enc: header.enc, kid })),
    "enc A256GCM": withMember({ enc: "A256GCM" }),
    "enc A128CBC-HS256": withMember({ enc: "A128CBC-HS256" }),
    "no enc": withHeader(JSON.stringify({ alg: header.alg, kid })),
    "an empty kid": withMember({ kid: "" }),
    "a kid that is a number": withMember({ kid: 1 }),
    "a kid that is null": withMember({ kid: null }),
    zip: withMember({ zip: "DEF" }),
    crit: withMember({ crit: ["exp"], exp: 1 }),
    jwk: withMember({ jwk: { kty: "RSA", n, e } }),
    jku: withMember({ jku: "https://example.com/keys" }),
    x5c: withMember({ x5c: [] }),
    "p2c, as in a PBES2 header": withMember({ p2c: 2_000_000_000 }),
    "an unknown member": withMember({ extra: 1 }),
    "a member __proto__": withHeader(`${JSON.stringify(header).slice(0, -1)},"__proto__":{}}`),
    "a header that is an array": withHeader(JSON.stringify([header])),
    "a header that is a string": withHeader(JSON.stringify("RSA-OAEP-256")),
    "a header that is null": withHeader("null"),
    "a header that is no JSON": withHeader(JSON.stringify(header).slice(0, -1)),
    "a header with something behind": withHeader(`${JSON.stringify(header)}x`),
    "a header with a byte order mark": withHeader(`\ufeff${JSON.stringify(header)}`),
    "a header that is no UTF-8": withHeader(
      Uint8Array.of(...utf8(JSON.stringify(header).slice(0, -2)), 0xff, 0x22, 0x7d),
    ),
    "an empty header": segments.with(0, "").join("."),
    "a header of more than 512 bytes": withMember({ kid: "k".repeat(460) }),
    "an IV of 15 bytes": segments.with(2, encoded(new Uint8Array(15))).join("."),
    "an IV of 17 bytes": segments.with(2, encoded(new Uint8Array(17))).join("."),
    "no IV": segments.with(2, "").join("."),
    "a tag of 16 bytes": segments.with(4, encoded(new Uint8Array(16))).join("."),
    "a tag of 64 bytes": segments.with(4, encoded(new Uint8Array(64))).join("."),
    "no tag": segments.with(4, "").join("."),
    "white space before": ` ${compact}`,
    "a line end behind": `${compact}\n`,
  };
  for (const index of segments.keys()) {
    const segment = segments[index] ?? "";
    texts[`padding behind segment ${index}`] = segments.with(index, `${segment}=`).join(".");
    texts[`standard alphabet in segment ${index}`] = segments.with(index, `+${segment.slice(1)}`).join(".");
    texts[`a character too many in segment ${index}`] = segments
      .with(index, segment.padEnd(4 * Math.ceil(segment.length / 4) + 1, "A"))
      .join(".");
  }
  for (const index of [1, 2, 3, 4]) {
    const segment = segments[index] ?? "";
    const last = segment.slice(-1);
    const nextCharacter = base64urlAlphabet[base64urlAlphabet.indexOf(last) + 1] ?? "";
    texts[`trailing bits in segment ${index}`] = segments.with(index, segment.slice(0, -1) + nextCharacter).join(".");
  }

  for (const [what, text] of Object.entries(texts))
    test(what, () => {
      assert.throws(() => parseJwe(profile, text), {
        name: "LinchpinError",
        code: "jwe_malformed",
        message: /^[^"]*$/,
      });
    });

  test("no error quotes what was received", () => {
    assert.throws(
      () => parseJwe(profile, withHeader("received-text")),
      (error) =>
        error instanceof LinchpinError && !`${error.stack}${error.reason}${error.cause}`.includes("received-text"),
    );
  });
});

test("the header may name no key", async () => {
  const jwe = await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: header.alg, enc: header.enc })
    .encrypt(publicKey);
  assert.equal(parseJwe(profile, jwe).kid, null);
});

test("typ and cty may stand in the header", async () => {
  const compact = await sealByJose({ ...header, typ: "JOSE", cty: "json" }, plaintext);
  assert.deepEqual(await open(nodeCryptoPrimitives, compact), plaintext);
  assert.equal(parseJwe(profile, compact).kid, kid);
});

const base64urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function encoded(content: string | Uint8Array): string {
  return base64urlFromBytes(typeof content === "string" ? utf8(content) : content);
}

function sealByJose(
  protectedHeader: typeof header & { typ?: string; cty?: string },
  message: Uint8Array,
): Promise<string> {
  return new CompactEncrypt(message).setProtectedHeader(protectedHeader).encrypt(publicKey);
}

test("a content key of another length than the profile's opens nothing", async () => {
  const jwe = parseJwe(profile, await sealJwe(nodeCryptoPrimitives, profile, recipient, plaintext));
  for (const length of [0, 32, 63, 65])
    await assert.rejects(openJwe(nodeCryptoPrimitives, profile, jwe, new Uint8Array(length)), decryptionFailed);
});

/** Unwraps as a vault does: 64 bytes come back whatever was wrapped. */
async function open(primitives: Primitives, compact: string): Promise<Uint8Array> {
  const jwe = parseJwe(profile, compact);
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  let contentKey: Uint8Array;
  try {
    contentKey = Uint8Array.from(privateDecrypt({ key: privateKey, ...padding }, jwe.wrappedKey));
  } catch {
    contentKey = Uint8Array.from(randomBytes(64));
  }
  return openJwe(primitives, profile, jwe, contentKey);
}

function refused(error: unknown): boolean {
  return error instanceof LinchpinError && ["jwe_malformed", "decryption_failed"].includes(error.code);
}

function decryptionFailed(error: unknown): boolean {
  return error instanceof LinchpinError && error.code === "decryption_failed";
}
