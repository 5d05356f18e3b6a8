import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import fc from "fast-check";
import * as byBrowser from "../src/base64-by-browser.ts";
import * as own from "../src/encoding.ts";
import * as byNode from "../src/node/encoding.ts";
import { octetsFromBytes } from "../src/text.ts";

const encodingInvalid = { name: "LinchpinError", code: "encoding_invalid" };

for (const [whose, encoding] of Object.entries({ own, "the browser's": { ...own, ...byBrowser }, "Node's": byNode })) {
  const { base64FromBytes, base64urlFromBytes, bytesFromBase64, bytesFromBase64url } = encoding;
  const { bytesFromHex, bytesFromOctets, hexFromBytes, textFromUtf8, utf8 } = encoding;

  suite(`hex, ${whose}`, () => {
    test("both cases are read, lower case is written", () => {
      assert.deepEqual(bytesFromHex("00fFa9"), Uint8Array.of(0, 255, 169));
      assert.equal(hexFromBytes(Uint8Array.of(0, 255, 169)), "00ffa9");
      assert.deepEqual(bytesFromHex(""), new Uint8Array(0));
    });

    for (const text of [
      "0",
      "00f",
      "0g",
      "0x00",
      " 00",
      "00 ",
      "00\n",
      "00 11",
      "٠٠",
      "\u0130\u0130",
      "ａａ",
      "+1",
      "-1",
      "1.",
    ])
      test(`refused: ${JSON.stringify(text)}`, () => {
        assert.throws(() => bytesFromHex(text), encodingInvalid);
      });
  });

  suite(`base64, ${whose}`, () => {
    const refused = {
      "no padding": "TQ",
      "half the padding": "TQ=",
      "too much padding": "TQ===",
      "padding where none is due": "TWFu====",
      "padding in the middle": "TQ==TWFu",
      "trailing bits set": "TR==",
      "trailing bits set, one padding": "TWF=".replace("F", "G"),
      "a space inside": "TW Fu",
      "a newline behind": "TWFu\n",
      "the URL alphabet": "__-_",
      "both alphabets": "/_+-",
      "one character": "T",
      "not base64": "T*==",
      "another script": "TWFú",
    };
    for (const [what, text] of Object.entries(refused))
      test(`refused: ${what}`, () => {
        assert.throws(() => bytesFromBase64(text), encodingInvalid);
      });

    test("refused: a megabyte of padding, in work that grows with its length alone", () => {
      // By a regular expression that looks for the end of each run, this does not end within the hour.
      for (const text of [`${"=".repeat(1 << 20)}AAAA`, "=".repeat(1 << 20)])
        assert.throws(() => bytesFromBase64(text), encodingInvalid);
    });

    test("as RFC 4648 §10 has it", () => {
      const pairs = [
        ["", ""],
        ["f", "Zg=="],
        ["fo", "Zm8="],
        ["foo", "Zm9v"],
        ["foob", "Zm9vYg=="],
      ] as const;
      for (const [text, encoded] of pairs) {
        assert.equal(base64FromBytes(Buffer.from(text)), encoded);
        assert.equal(Buffer.from(bytesFromBase64(encoded)).toString(), text);
      }
    });
  });

  suite(`base64url, ${whose}`, () => {
    const refused = {
      padding: "TQ==",
      "trailing bits set": "TR",
      "trailing bits set in the third character": "TWG",
      "a space behind": "TWFu ",
      "a newline inside": "TW\nFu",
      "the standard alphabet": "//+/",
      "both alphabets": "__+_",
      "one character more than a multiple of four": "TWFuT",
      "another script": "TWFú",
    };
    for (const [what, text] of Object.entries(refused))
      test(`refused: ${what}`, () => {
        assert.throws(() => bytesFromBase64url(text), encodingInvalid);
      });

    test("has no padding and its own two characters", () => {
      assert.equal(base64urlFromBytes(Uint8Array.of(0xfb, 0xff, 0xbf, 0xff)), "-_-__w");
      assert.deepEqual(bytesFromBase64url("-_-__w"), Uint8Array.of(0xfb, 0xff, 0xbf, 0xff));
    });
  });

  test(`each encoding agrees with Buffer, and is undone: ${whose}`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        assert.equal(hexFromBytes(bytes), buffer.toString("hex"));
        assert.equal(base64FromBytes(bytes), buffer.toString("base64"));
        assert.equal(base64urlFromBytes(bytes), buffer.toString("base64url"));
        assert.deepEqual(bytesFromHex(hexFromBytes(bytes)), Uint8Array.from(bytes));
        assert.deepEqual(bytesFromBase64(base64FromBytes(bytes)), Uint8Array.from(bytes));
        assert.deepEqual(bytesFromBase64url(base64urlFromBytes(bytes)), Uint8Array.from(bytes));
      }),
    );
  });

  test(`a text that is accepted is the one text of its bytes: ${whose}`, () => {
    const alphabet = fc.constantFrom(..."AQTgw+/-_= ");
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 8 }), (text) => {
        for (const [read, write] of [
          [bytesFromBase64, base64FromBytes],
          [bytesFromBase64url, base64urlFromBytes],
        ] as const) {
          let bytes: Uint8Array;
          try {
            bytes = read(text);
          } catch {
            continue;
          }
          assert.equal(write(bytes), text);
        }
      }),
      { numRuns: 2000 },
    );
  });

  suite(`text, ${whose}`, () => {
    test("becomes UTF-8, as TextEncoder has it, lone surrogates too, and text again", () => {
      assert.deepEqual(utf8("a‖"), Uint8Array.of(0x61, 0xe2, 0x80, 0x96));
      for (const text of ["", "\ud800", "a\udfff", "\ud83d\ude00", "\udc00\ud800", "\u07ff\u0800\uffff\u{10ffff}"])
        assert.deepEqual(utf8(text), new TextEncoder().encode(text));
      fc.assert(
        fc.property(fc.string({ unit: "binary" }), (text) => {
          assert.deepEqual(utf8(text), new TextEncoder().encode(text));
          assert.equal(textFromUtf8(utf8(text)), text.toWellFormed());
        }),
      );
    });

    test("a byte order mark is a character", () => {
      assert.equal(textFromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
    });

    const noUtf8 = {
      "a byte of its own": [0x80],
      "cut off": [0x61, 0xe2, 0x80],
      "longer than need be": [0xc0, 0xaf],
      "longer than need be, three bytes": [0xe0, 0x80, 0xaf],
      "a surrogate": [0xed, 0xa0, 0x80],
      "behind U+10FFFF": [0xf4, 0x90, 0x80, 0x80],
      "five bytes": [0xf8, 0x88, 0x80, 0x80, 0x80],
    };
    for (const [what, bytes] of Object.entries(noUtf8))
      test(`refused: ${what}`, () => {
        assert.throws(() => textFromUtf8(Uint8Array.from(bytes)));
      });

    test("octets are bytes, and bytes octets", () => {
      const octets = String.fromCharCode(...Array.from({ length: 256 }, (_, octet) => octet));
      const bytes = Uint8Array.from({ length: 256 }, (_, octet) => octet);
      assert.deepEqual(bytesFromOctets(octets), bytes);
      assert.equal(octetsFromBytes(bytes), octets);
      assert.deepEqual([bytesFromOctets(""), octetsFromBytes(new Uint8Array(0))], [new Uint8Array(0), ""]);
    });
  });

  for (const noText of [undefined, null, 5, {}] as unknown[] as string[])
    test(`${JSON.stringify(noText)} is no text: ${whose}`, () => {
      for (const read of [bytesFromBase64, bytesFromBase64url, bytesFromHex, utf8]) assert.throws(() => read(noText));
    });

  test(`what is read stands in memory of its own, and a part of bytes is written alone: ${whose}`, () => {
    const whole = Uint8Array.of(1, 2, 3, 4, 5);
    const part = whole.subarray(1, 4);
    for (const [write, read] of [
      [base64FromBytes, bytesFromBase64],
      [base64urlFromBytes, bytesFromBase64url],
      [hexFromBytes, bytesFromHex],
      [octetsFromBytes, bytesFromOctets],
      [textFromUtf8, utf8],
    ] as const) {
      const bytes = read(write(part));
      assert.deepEqual(bytes, Uint8Array.of(2, 3, 4));
      assert.equal(bytes.buffer.byteLength, 3);
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    }
  });
}

test("nothing that Node decoded stays in the memory that its buffers share", () => {
  const pool = Buffer.from(Buffer.from("x").buffer);
  const secret = randomUUID(); // what stands in this file may be there, as it was read
  const { base64FromBytes, base64urlFromBytes, bytesFromBase64, bytesFromBase64url } = byNode;
  const { bytesFromHex, bytesFromOctets, hexFromBytes, utf8 } = byNode;
  const bytes = Uint8Array.from(secret, (character) => character.charCodeAt(0));
  for (const [write, read] of [
    [base64FromBytes, bytesFromBase64],
    [base64urlFromBytes, bytesFromBase64url],
    [hexFromBytes, bytesFromHex],
    [octetsFromBytes, bytesFromOctets],
    [() => secret, utf8],
  ] as const) {
    assert.deepEqual(read(write(bytes)), bytes);
    assert.equal(pool.includes(secret), false);
  }
  assert.throws(() => bytesFromHex(`${hexFromBytes(bytes)}*`), encodingInvalid);
  assert.equal(pool.includes(secret), false);
});
