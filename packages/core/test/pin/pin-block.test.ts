import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import fc from "fast-check";
import {
  bytesFromHex,
  decipherPinBlockFormat4,
  decodePinBlockFormat0,
  decodePinBlockFormat1,
  decodePinBlockFormat2,
  decodePinBlockFormat3,
  encipherPinBlockFormat4,
  encodePinBlockFormat0,
  encodePinBlockFormat1,
  encodePinBlockFormat2,
  encodePinBlockFormat3,
  hexFromBytes,
  LinchpinError,
  Pin,
  utf8,
} from "../../src/index.ts";
import { format4PanField, format4PinField } from "../../src/pin/pin-block.ts";
import adyen from "../vectors/adyen-sample.json" with { type: "json" };
import ansi1 from "../vectors/ansi-x9.24-1.json" with { type: "json" };
import ansi3 from "../vectors/ansi-x9.24-3.json" with { type: "json" };
import moov from "../vectors/moov-pinblock.json" with { type: "json" };
import openemv from "../vectors/openemv-pinblock.json" with { type: "json" };
import paysec from "../vectors/paysec.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const pan = "4012345678909";
const key = bytesFromHex("14b784f0f287070f962f8a24a854cec0af3bc73c2358c3f6d1ca5992fc59ab61");
const pinOf = (digits: string) => new Pin(utf8(digits));
/** Hands out these bytes, again and again. */
const randomFrom = (hex: string) => ({
  ...primitives,
  randomBytes: (length: number) =>
    Uint8Array.from({ length }, (_, index) => bytesFromHex(hex)[index % (hex.length / 2)] as number),
});

suite("published PIN blocks", () => {
  for (const { source, format0 } of [ansi1, moov])
    test(`format 0: ${source}`, () => {
      for (const { pin, pan, pinBlock } of format0) {
        assert.equal(upperHex(encodePinBlockFormat0(pinOf(pin), pan)), pinBlock);
        assertPin(decodePinBlockFormat0(bytesFromHex(pinBlock), pan), pin);
      }
    });

  for (const { source, format1 } of [moov, openemv])
    test(`format 1: ${source}`, () => {
      for (const { pin, pinBlock } of format1) {
        assert.equal(upperHex(encodePinBlockFormat1(randomFrom(pinBlock), pinOf(pin))), pinBlock);
        assertPin(decodePinBlockFormat1(bytesFromHex(pinBlock)), pin);
      }
    });

  test(`format 2: ${openemv.source}`, () => {
    for (const { pin, pinBlock } of openemv.format2) {
      assert.equal(upperHex(encodePinBlockFormat2(pinOf(pin))), pinBlock);
      assertPin(decodePinBlockFormat2(bytesFromHex(pinBlock)), pin);
    }
  });

  test(`format 3, fill F: ${paysec.source}`, () => {
    for (const { pin, pan, pinBlock } of paysec.format3) {
      assert.equal(upperHex(encodePinBlockFormat3(randomFrom("ff"), pinOf(pin), pan)), pinBlock);
      assertPin(decodePinBlockFormat3(bytesFromHex(pinBlock), pan), pin);
    }
  });

  test(`format 4, fields: ${paysec.source}`, () => {
    for (const { pin, random, pinField } of paysec.format4PinField)
      assert.equal(upperHex(format4PinField(randomFrom(random), pinOf(pin))), pinField);
    for (const { pan, panField } of paysec.format4PanField) assert.equal(upperHex(format4PanField(pan)), panField);
  });

  for (const { source, format4 } of [ansi3, adyen, paysec])
    for (const [name, platform] of Object.entries({ "node:crypto": primitives, WebCrypto: webCryptoPrimitives }))
      test(`format 4 on ${name}: ${source}`, async () => {
        for (const { key, pin, pan, random, pinBlock } of format4) {
          const sealing = { ...platform, randomBytes: randomFrom(random).randomBytes };
          const enciphered = await encipherPinBlockFormat4(sealing, { pin: pinOf(pin), pan, key: bytesFromHex(key) });
          assert.equal(upperHex(enciphered), pinBlock);
          assertPin(
            await decipherPinBlockFormat4(platform, { pinBlock: enciphered, pan, key: bytesFromHex(key) }),
            pin,
          );
        }
      });

  test(`format 4, deciphered: ${paysec.source}`, async () => {
    for (const { key, pin, pan, pinBlock } of paysec.format4Deciphered)
      assertPin(
        await decipherPinBlockFormat4(primitives, { pinBlock: bytesFromHex(pinBlock), pan, key: bytesFromHex(key) }),
        pin,
      );
  });
});

suite("every PIN of 4 to 12 digits comes back", () => {
  const pins = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 4, maxLength: 12 });
  const pans = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 19 });

  test("formats 0 and 3, under every PAN", () => {
    fc.assert(
      fc.property(pins, pans, (pin, pan) => {
        assertPin(decodePinBlockFormat0(encodePinBlockFormat0(pinOf(pin), pan), pan), pin);
        assertPin(decodePinBlockFormat3(encodePinBlockFormat3(primitives, pinOf(pin), pan), pan), pin);
      }),
    );
  });

  test("formats 1 and 2", () => {
    fc.assert(
      fc.property(pins, (pin) => {
        assertPin(decodePinBlockFormat1(encodePinBlockFormat1(primitives, pinOf(pin))), pin);
        assertPin(decodePinBlockFormat2(encodePinBlockFormat2(pinOf(pin))), pin);
      }),
    );
  });

  test("format 4, as OpenSSL's AES-ECB makes it from the fields", async () => {
    await fc.assert(
      fc.asyncProperty(pins, pans, fc.uint8Array({ minLength: 8, maxLength: 8 }), async (pin, pan, random) => {
        const pinField = `4${pin.length.toString(16)}${pin}`.padEnd(16, "a") + hexFromBytes(random);
        const panField = `${Math.max(0, pan.length - 12)}${pan.padStart(12, "0")}`.padEnd(32, "0");
        const expected = aesEcb(xor(aesEcb(Buffer.from(pinField, "hex")), Buffer.from(panField, "hex")));
        const sealing = randomFrom(hexFromBytes(random));
        const pinBlock = await encipherPinBlockFormat4(sealing, { pin: pinOf(pin), pan, key });
        assert.equal(hexFromBytes(pinBlock), expected.toString("hex"));
        assertPin(await decipherPinBlockFormat4(primitives, { pinBlock, pan, key }), pin);
      }),
    );
  });
});

suite("refused", () => {
  const clear: Record<string, readonly [string, (pinBlock: Uint8Array) => Pin]> = {
    "format 1 read as format 2": ["141234ffffffffff", decodePinBlockFormat2],
    "format 2 read as format 1": ["241234ffffffffff", decodePinBlockFormat1],
    "no digits": ["20ffffffffffffff", decodePinBlockFormat2],
    "three digits": ["23123fffffffffff", decodePinBlockFormat2],
    "thirteen digits": ["2d1234567890123f", decodePinBlockFormat2],
    "fifteen digits": ["2f12345678901234", decodePinBlockFormat2],
    "an A among the digits": ["24123affffffffff", decodePinBlockFormat2],
    "an F among the digits": ["25123fffffffffff", decodePinBlockFormat2],
    "an F among the digits of format 1": ["14123f5678901234", decodePinBlockFormat1],
    "a digit in the fill": ["241234fffff0ffff", decodePinBlockFormat2],
    "a digit at the end of the fill": ["241234fffffffff9", decodePinBlockFormat2],
    "a fill of A in format 2": ["241234aaaaaaaaaa", decodePinBlockFormat2],
    nothing: ["", decodePinBlockFormat2],
    "seven bytes": ["241234ffffffff", decodePinBlockFormat2],
    "nine bytes": ["241234ffffffffffff", decodePinBlockFormat2],
    "seven bytes of format 1": ["14123456789012", decodePinBlockFormat1],
  };
  for (const [what, [hex, decode]] of Object.entries(clear))
    test(what, () => {
      assert.throws(() => decode(bytesFromHex(hex)), unreadable);
    });

  const bound: Record<string, readonly [string, string, (pinBlock: Uint8Array, pan: string) => Pin]> = {
    "format 0 under another PAN": ["041274edcba9876f", "4012345678919", decodePinBlockFormat0],
    "format 0 read as format 3": ["041274edcba9876f", pan, decodePinBlockFormat3],
    "format 3 read as format 0": ["341274edcba9876f", pan, decodePinBlockFormat0],
    "a digit in format 0's fill": ["041274edcba9876e", "4012345678989", decodePinBlockFormat0],
    "a fill of A in format 0": [
      hexFromBytes(encodePinBlockFormat3(randomFrom("00"), pinOf("1234"), pan)).replace("3", "0"),
      pan,
      decodePinBlockFormat0,
    ],
    "a digit in format 3's fill": ["341274edcba98710", pan, decodePinBlockFormat3],
    "format 3 of seven bytes": ["341274edcba987", pan, decodePinBlockFormat3],
    "format 0 of sixteen bytes": ["041274edcba9876f041274edcba9876f", pan, decodePinBlockFormat0],
  };
  for (const [what, [hex, pan, decode]] of Object.entries(bound))
    test(what, () => {
      assert.throws(() => decode(bytesFromHex(hex), pan), unreadable);
    });

  test("format 0: a PAN whose check digit alone differs makes the same block, one whose 13th digit from the right differs too", () => {
    const block = encodePinBlockFormat0(pinOf("1234"), "54012345678909");
    assert.deepEqual(encodePinBlockFormat0(pinOf("1234"), "64012345678901"), block);
    assert.notDeepEqual(encodePinBlockFormat0(pinOf("1234"), "54012345678919"), block);
  });

  test("format 4: another PAN, another key, each altered byte", async () => {
    // Format 4 has no tag: about one block in 2^24 opens to some PIN. The random bytes stand still, so that none here does.
    const pinBlock = await encipherPinBlockFormat4(randomFrom("2104cfb1e5b1e9f6"), { pin: pinOf("1234"), pan, key });
    const refusals = [
      { pinBlock, pan: "4012345678919", key },
      { pinBlock, pan: `0${pan}`, key },
      { pinBlock, pan, key: key.map((byte) => byte ^ 1) },
      ...Array.from(pinBlock.keys(), (at) => ({
        pinBlock: pinBlock.map((byte, index) => (index === at ? byte ^ 1 : byte)),
        pan,
        key,
      })),
    ];
    for (const input of refusals) await assert.rejects(decipherPinBlockFormat4(primitives, input), unreadable);
  });

  test("format 4: blocks of other lengths", async () => {
    for (const length of [0, 8, 15, 17, 32])
      await assert.rejects(
        decipherPinBlockFormat4(primitives, { pinBlock: new Uint8Array(length), pan, key }),
        unreadable,
      );
  });

  const fields: Record<string, string> = {
    "another control field": "341234aaaaaaaaaa0000000000000000",
    "three digits": "43123aaaaaaaaaaa0000000000000000",
    "thirteen digits": "4d1234567890123a0000000000000000",
    "a letter among the digits": "44123baaaaaaaaaa0000000000000000",
    "a fill of F": "441234ffffffffff0000000000000000",
    "a digit in the fill": "441234aaaa0aaaaa0000000000000000",
  };
  for (const [what, field] of Object.entries(fields))
    test(`format 4, rightly enciphered: ${what}`, async () => {
      const panField = Buffer.from(format4PanField(pan));
      const pinBlock = Uint8Array.from(aesEcb(xor(aesEcb(Buffer.from(field, "hex")), panField)));
      await assert.rejects(decipherPinBlockFormat4(primitives, { pinBlock, pan, key }), unreadable);
    });

  for (const wrongPan of [
    "",
    "12345678901234567890",
    "4012 3456 7890 9",
    "401234567890X",
    "٤٠١٢",
    "4012345678909\n",
    "-1",
  ])
    test(`a PAN that is none: ${JSON.stringify(wrongPan)}`, async () => {
      const refusal = { code: "encoding_invalid", field: "pan" };
      assert.throws(() => encodePinBlockFormat0(pinOf("1234"), wrongPan), refusal);
      assert.throws(() => decodePinBlockFormat0(new Uint8Array(8), wrongPan), refusal);
      assert.throws(() => encodePinBlockFormat3(primitives, pinOf("1234"), wrongPan), refusal);
      assert.throws(() => decodePinBlockFormat3(new Uint8Array(8), wrongPan), refusal);
      await assert.rejects(encipherPinBlockFormat4(primitives, { pin: pinOf("1234"), pan: wrongPan, key }), refusal);
      await assert.rejects(
        decipherPinBlockFormat4(primitives, { pinBlock: new Uint8Array(16), pan: wrongPan, key }),
        refusal,
      );
    });
});

suite("what is random", () => {
  test("two blocks of one PIN differ in formats 1, 3 and 4", async () => {
    const pin = pinOf("1234");
    assert.notDeepEqual(encodePinBlockFormat1(primitives, pin), encodePinBlockFormat1(primitives, pin));
    assert.notDeepEqual(encodePinBlockFormat3(primitives, pin, pan), encodePinBlockFormat3(primitives, pin, pan));
    assert.notDeepEqual(
      await encipherPinBlockFormat4(primitives, { pin, pan, key }),
      await encipherPinBlockFormat4(primitives, { pin, pan, key }),
    );
  });

  test("format 3's fill takes all of A to F and nothing else", () => {
    const fills = new Set<string>();
    for (let byte = 0; byte < 256; byte++) {
      const block = encodePinBlockFormat3(randomFrom(byte.toString(16).padStart(2, "0")), pinOf("1234"), "0");
      fills.add(hexFromBytes(block).slice(6));
    }
    assert.deepEqual(
      [...fills].sort(),
      [..."abcdef"].map((fill) => fill.repeat(10)),
    );
  });
});

suite("nothing in clear stays behind", () => {
  test("format 4: the PIN field is wiped on both ways, whether it holds a PIN or not", async () => {
    const clear: Uint8Array[] = [];
    const watched = {
      ...primitives,
      encryptAesCbc: (...input: Parameters<typeof primitives.encryptAesCbc>) => {
        if (input[2].length === 16 && clear.length === 0) clear.push(input[2]);
        return primitives.encryptAesCbc(...input);
      },
      decryptAesCbc: async (...input: Parameters<typeof primitives.decryptAesCbc>) => {
        const opened = await primitives.decryptAesCbc(...input);
        clear.push(opened);
        return opened;
      },
    };
    const pinBlock = await encipherPinBlockFormat4(watched, { pin: pinOf("1234"), pan, key });
    assert.deepEqual(clear.splice(0), [new Uint8Array(16)]);
    await decipherPinBlockFormat4(watched, { pinBlock, pan, key });
    assert.deepEqual(clear.at(-1)?.subarray(0, 8), new Uint8Array(8));
    await assert.rejects(decipherPinBlockFormat4(watched, { pinBlock, pan: "1", key }), unreadable);
    assert.deepEqual(clear.at(-1)?.subarray(0, 8), new Uint8Array(8));
  });

  test("a decoder leaves the caller's block as it was", () => {
    const block = bytesFromHex("241234ffffffffff");
    decodePinBlockFormat2(block);
    assert.equal(hexFromBytes(block), "241234ffffffffff");
  });
});

function assertPin(pin: Pin, digits: string): void {
  assert.deepEqual(pin.asciiDigits(), utf8(digits));
}

/** One code, one sentence, and nothing of the block. */
function unreadable(error: unknown): boolean {
  assert.ok(error instanceof LinchpinError);
  assert.deepEqual([error.code, error.cause], ["decryption_failed", undefined]);
  assert.doesNotMatch(`${error.message}${error.reason}`, /123/);
  return true;
}

function upperHex(bytes: Uint8Array): string {
  return hexFromBytes(bytes).toUpperCase();
}

function aesEcb(block: Buffer): Buffer {
  return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(block);
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
