import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { bytesFromHex, hexFromBytes, readRsaPublicKey } from "../../src/index.ts";

const publicKeyUnusable = { name: "LinchpinError", code: "public_key_unusable" };
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };
const spki = publicKey.export({ format: "der", type: "spki" });
const hex = hexFromBytes(spki);
const read = (spkiHex: string) => readRsaPublicKey({ spki: bytesFromHex(spkiHex) });

// The same key, built by hand, so that each part can be wrong with all lengths around it right.
const rsaEncryption = "06092a864886f70d010101";
const modulusHex = Buffer.from(n, "base64url").toString("hex");
const [modulus, exponent] = [der("02", "00", modulusHex), der("02", "010001")];
const spkiOf = (...numbers: string[]) =>
  der("30", der("30", rsaEncryption, "0500"), der("03", "00", der("30", ...numbers)));

test("JWK and SPKI of one key have the same numbers, whatever the sizes", () => {
  for (const modulusLength of [2048, 2056, 3072])
    for (const publicExponent of [65537, 2 ** 24 + 1]) {
      const { publicKey: key } = generateKeyPairSync("rsa", { modulusLength, publicExponent });
      const jwk = key.export({ format: "jwk" }) as { n: string; e: string };
      const numbers = readRsaPublicKey({ spki: key.export({ format: "der", type: "spki" }) });
      assert.deepEqual(numbers, readRsaPublicKey(jwk));
      assert.equal(numbers.modulus, BigInt(`0x${Buffer.from(jwk.n, "base64url").toString("hex")}`));
      assert.equal(numbers.exponent, BigInt(publicExponent));
    }
});

test("the key built by hand is OpenSSL's", () => {
  assert.equal(spkiOf(modulus, exponent), hex);
});

test("the largest key that is taken has a modulus of 8192 and an exponent of 32 bits", () => {
  const [largestN, largestE] = ["ff".repeat(1024), "ffffffff"];
  const largest = {
    modulus: BigInt(`0x${largestN}`),
    exponent: BigInt(`0x${largestE}`),
    lengthBytes: 1024,
  };
  const jwk = [largestN, largestE].map((part) => Buffer.from(part, "hex").toString("base64url"));
  assert.deepEqual(readRsaPublicKey({ n: jwk[0] ?? "", e: jwk[1] ?? "" }), largest);
  assert.deepEqual(read(spkiOf(der("02", "00", largestN), der("02", "00", largestE))), largest);
});

suite("refused: numbers that seal nothing", () => {
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const cases: Record<string, { n: string; e: string } | { spki: Uint8Array }> = {
    "a modulus of 1024 bits": short.export({ format: "jwk" }) as { n: string; e: string },
    "a modulus of 1024 bits, SPKI": { spki: short.export({ format: "der", type: "spki" }) },
    "a modulus of 2047 bits": { n: Buffer.alloc(256, 0x7f).toString("base64url"), e },
    "no modulus": { n: "", e },
    "no exponent": { n, e: "" },
    "the exponent 0": { n, e: "AA" },
    "the exponent 1": { n, e: "AQ" },
    "the exponent 3": { n, e: "Aw" },
    "the exponent 65536": { n, e: "AQAA" },
    "an even exponent": { n, e: "AQAC" },
    "a modulus of 8193 bits": { n: Buffer.concat([Buffer.of(1), Buffer.alloc(1024, 0xff)]).toString("base64url"), e },
    "a modulus of 8193 bits, SPKI": { spki: bytesFromHex(spkiOf(der("02", "01", "ff".repeat(1024)), exponent)) },
    "an exponent of 33 bits": { n, e: "AQAAAAE" },
    "an exponent of 33 bits, SPKI": { spki: bytesFromHex(spkiOf(modulus, der("02", "0100000001"))) },
    "an exponent as long as the modulus": { n, e: n },
    "a modulus in hex with a colon": { n: "ab:cd", e },
    "an exponent with padding": { n, e: "AQAB=" },
    "the exponent 1, SPKI": { spki: bytesFromHex(spkiOf(modulus, der("02", "01"))) },
  };
  for (const [what, key] of Object.entries(cases))
    test(what, () => {
      assert.throws(() => readRsaPublicKey(key), publicKeyUnusable);
    });
});

suite("refused: SPKI that is not DER of an RSA key", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey;
  const cases: Record<string, string> = {
    nothing: "",
    "a tag alone": "30",
    "an EC key": hexFromBytes(ec.export({ format: "der", type: "spki" })),
    "an RSA-PSS key": hexFromBytes(pss.export({ format: "der", type: "spki" })),
    "PKCS#1 without SPKI": hexFromBytes(publicKey.export({ format: "der", type: "pkcs1" })),
    "PEM text": Buffer.from(publicKey.export({ format: "pem", type: "spki" })).toString("hex"),
    "a byte behind": `${hex}00`,
    "a byte missing": hex.slice(0, -2),
    "another tag outside": `31${hex.slice(2)}`,
    "an indefinite length": `3080${hex.slice(8)}0000`,
    "a length in three bytes": hex.replace(/^30820122/, "3083000122"),
    "a length in five bytes": hex.replace(/^30820122/, "30850000000122"),
    "no NULL in the algorithm": der("30", der("30", rsaEncryption), der("03", "00", der("30", modulus, exponent))),
    "another algorithm": hex.replace("2a864886f70d010101", "2a864886f70d010107"),
    "unused bits": hex.replace("0382010f00", "0382010f01"),
    "another tag for the bits": hex.replace("0382010f00", "0482010f00"),
    "another tag for the key": hex.replace("3082010a0282", "3182010a0282"),
    "a negative modulus": hex.replace("0282010100", "0282010180"),
    "another tag for the modulus": hex.replace("0282010100", "0482010100"),
    "a padded exponent": spkiOf(modulus, der("02", "00010001")),
    "a negative exponent": spkiOf(modulus, der("02", "810001")),
    "an empty exponent": spkiOf(modulus, der("02", "")),
    "an exponent with its length in long form": spkiOf(modulus, "028103010001"),
    "no exponent": spkiOf(modulus, ""),
    "a byte behind the exponent": spkiOf(modulus, exponent, "00"),
    "a padded modulus": spkiOf(der("02", "0000", modulusHex), exponent),
  };
  for (const [what, spkiHex] of Object.entries(cases))
    test(what, () => {
      assert.notEqual(spkiHex, hex);
      assert.throws(() => read(spkiHex), publicKeyUnusable);
    });

  test("cut off anywhere", () => {
    for (const length of spki.keys())
      assert.throws(() => readRsaPublicKey({ spki: spki.subarray(0, length) }), publicKeyUnusable);
  });

  test("every altered byte of the shell around the numbers", () => {
    for (const index of [...Array.from({ length: 32 }, (_, at) => at), spki.length - 5, spki.length - 4]) {
      const altered = spki.map((byte, at) => (at === index ? byte ^ 1 : byte));
      assert.throws(() => readRsaPublicKey({ spki: altered }), publicKeyUnusable, `byte ${index}`);
    }
  });
});

function der(tag: string, ...content: string[]): string {
  const body = content.join("");
  const length = body.length / 2;
  if (length < 0x80) return `${tag}${length.toString(16).padStart(2, "0")}${body}`;
  return length < 0x100
    ? `${tag}81${length.toString(16)}${body}`
    : `${tag}82${length.toString(16).padStart(4, "0")}${body}`;
}
