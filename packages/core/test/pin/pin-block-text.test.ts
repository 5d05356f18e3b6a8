import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  decodePinBlockFormat2Text,
  encodePinBlockFormat2,
  encodePinBlockFormat2Text,
  hexFromBytes,
  Pin,
  utf8,
} from "../../src/index.ts";
import openemv from "../vectors/openemv-pinblock.json" with { type: "json" };

const pinOf = (digits: string) => new Pin(utf8(digits));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const digitsOf = (pin: Pin) => textOf(pin.asciiDigits());

suite("a PIN block of ISO 9564 format 2 as text", () => {
  test("is what Spritz and Rain publish, and what integrators of Rain send", () => {
    for (const [digits, block] of [
      ["1234", "241234FFFFFFFFFF"],
      ["5678", "245678FFFFFFFFFF"],
      ["6784", "246784FFFFFFFFFF"],
    ] as const) {
      assert.equal(textOf(encodePinBlockFormat2Text(pinOf(digits))), block);
      assert.equal(digitsOf(decodePinBlockFormat2Text(utf8(block))), digits);
    }
  });

  test(`is the hex of ${openemv.source}'s block`, () => {
    for (const { pin, pinBlock } of openemv.format2)
      assert.equal(digitsOf(decodePinBlockFormat2Text(utf8(pinBlock))), pin);
  });

  test("writes a length of 10 to 12 as a letter in lower case, and takes either case", () => {
    for (const [digits, block] of [
      ["0123456789", "2a0123456789FFFF"],
      ["01234567890", "2b01234567890FFF"],
      ["012345678901", "2c012345678901FF"],
    ] as const) {
      assert.equal(textOf(encodePinBlockFormat2Text(pinOf(digits))), block);
      for (const text of [block, block.toUpperCase(), block.toLowerCase()])
        assert.equal(digitsOf(decodePinBlockFormat2Text(utf8(text))), digits);
    }
  });

  test("is the hex of the block of 8 bytes, for any PIN", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{4,12}$/), (digits) => {
        const text = encodePinBlockFormat2Text(pinOf(digits));
        assert.equal(textOf(text).toLowerCase(), hexFromBytes(encodePinBlockFormat2(pinOf(digits))));
        assert.equal(digitsOf(decodePinBlockFormat2Text(text)), digits);
      }),
    );
  });

  const refused: Record<string, string> = {
    nothing: "",
    "the digits alone": "5678",
    "the block of 8 bytes": "\x24\x56\x78\xff\xff\xff\xff\xff",
    "control field 0": "045678FFFFFFFFFF",
    "control field 1": "145678FFFFFFFFFF",
    "three digits": "23567FFFFFFFFFFF",
    "13 digits": "2d0123456789012F",
    "a length of 0": "20FFFFFFFFFFFFFF",
    "a length in decimal": "2100123456789FFFF",
    "15 characters": "245678FFFFFFFFF",
    "17 characters": "245678FFFFFFFFFFF",
    "fill 0": "2456780000000000",
    "fill A": "245678AAAAAAAAAA",
    "a fill that ends otherwise": "245678FFFFFFFFF0",
    "a digit beyond the length": "2456789FFFFFFFFF",
    "a digit fewer than the length": "24567FFFFFFFFFFF",
    "a letter among the digits": "24567aFFFFFFFFFF",
    "a length that is no hexadecimal digit": "2:0123456789FFFF",
    "a length that is a sign": "2@5678FFFFFFFFFF",
    "a length that is a sign below the digits": "2$5678FFFFFFFFFF",
    "a length that is no ASCII": "2\x845678FFFFFFFFFF",
    "a fill with another bit": "245678\xc6FFFFFFFFF",
  };
  for (const [what, text] of Object.entries(refused))
    test(`is not taken: ${what}`, () => {
      const bytes = Uint8Array.from(Buffer.from(text, "latin1"));
      assert.throws(() => decodePinBlockFormat2Text(bytes), { code: "decryption_failed" });
    });
});
