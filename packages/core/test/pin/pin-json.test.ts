import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { decodePinJson, encodePinJson, LinchpinError, Pin, utf8 } from "../../src/index.ts";

test("a PIN becomes the guide's JSON", () => {
  assert.deepEqual(encodePinJson(new Pin(utf8("1928"))), utf8('{"pin":"1928"}'));
});

test("JSON white space may stand wherever JSON allows it", () => {
  for (const text of ['{"pin": "1928"}', ' {"pin" : "1928" } ', '{\n\t"pin":\r\n"1928"\n}\n'])
    assert.deepEqual(decodePinJson(utf8(text)).asciiDigits(), utf8("1928"));
});

test("leading zeros stay, and the length is the policy's matter", () => {
  for (const digits of ["0000", "0193", "19283", "192837465019"])
    assert.deepEqual(decodePinJson(utf8(`{"pin":"${digits}"}`)).asciiDigits(), utf8(digits));
});

const refused: Record<string, string | Uint8Array> = {
  nothing: "",
  "white space": "  ",
  "the PIN alone": "1928",
  "a JSON string": '"1928"',
  "a number": '{"pin":1928}',
  "a number that lost its leading zero": '{"pin":193}',
  "a list": '{"pin":["1928"]}',
  null: '{"pin":null}',
  "an object": '{"pin":{"pin":"1928"}}',
  "an array around": '[{"pin":"1928"}]',
  "an empty PIN": '{"pin":""}',
  "three digits": '{"pin":"192"}',
  "thirteen digits": '{"pin":"1928374650192"}',
  "a space before the digits": '{"pin":" 928"}',
  "a space behind the digits": '{"pin":"192 "}',
  "spaces between the digits": '{"pin":"1 9 2 8"}',
  "a sign": '{"pin":"-192"}',
  letters: '{"pin":"19e8"}',
  "Arabic-Indic digits": '{"pin":"١٩٢٨"}',
  "full-width digits": '{"pin":"１９２８"}',
  "an escaped digit": '{"pin":"\\u00319283"}',
  "escapes only": '{"pin":"\\u0031\\u0039\\u0032\\u0038"}',
  "an escaped quote": '{"pin":"192\\"8"}',
  "an escaped name": '{"p\\u0069n":"1928"}',
  "a line end in the PIN": '{"pin":"192\n8"}',
  "a NUL in the PIN": '{"pin":"192\u00008"}',
  "no member": "{}",
  "another member": '{"PIN":"1928"}',
  "a member with a space in its name": '{"pin ":"1928"}',
  "a member before": '{"a":1,"pin":"1928"}',
  "a member behind": '{"pin":"1928","a":1}',
  "the member twice": '{"pin":"1928","pin":"1928"}',
  "the member twice, with different PINs": '{"pin":"1928","pin":"8291"}',
  "a comma behind": '{"pin":"1928",}',
  "an unquoted name": '{pin:"1928"}',
  "single quotes": "{'pin':'1928'}",
  "no colon": '{"pin" "1928"}',
  "no end of the string": '{"pin":"1928',
  "no end of the object": '{"pin":"1928"',
  "something behind": '{"pin":"1928"}x',
  "a second object behind": '{"pin":"1928"}{"pin":"1928"}',
  "a NUL behind": '{"pin":"1928"}\u0000',
  "a byte order mark": '\ufeff{"pin":"1928"}',
  "a no-break space": '{"pin":\u00a0"1928"}',
  "a vertical tab": '{"pin":\u000b"1928"}',
  "a comment": '{"pin":/**/"1928"}',
  "invalid UTF-8 in the PIN": Uint8Array.of(...utf8('{"pin":"192'), 0xff, ...utf8('"}')),
  "invalid UTF-8 behind": Uint8Array.of(...utf8('{"pin":"1928"}'), 0xc0),
  "an overlong digit": Uint8Array.of(...utf8('{"pin":"192'), 0xc0, 0xb8, ...utf8('"}')),
  "UTF-16": Uint8Array.from(Buffer.from('{"pin":"1928"}', "utf16le")),
};

suite("refused, and wiped", () => {
  for (const [what, text] of Object.entries(refused))
    test(what, () => {
      const plaintext = typeof text === "string" ? utf8(text) : text;
      assert.throws(
        () => decodePinJson(plaintext),
        (error) => {
          assert.ok(error instanceof LinchpinError);
          assert.equal(error.code, "decryption_failed");
          assert.doesNotMatch(`${error.message}${error.reason}${error.stack}`, /19\D?28|192/);
          return true;
        },
      );
      assert.ok(plaintext.every((byte) => byte === 0));
    });
});

test("where the caller asks for it, digits of another length are told apart, and wiped", () => {
  for (const digits of ["1", "192", "1928374650192"]) {
    const plaintext = utf8(`{"pin":"${digits}"}`);
    assert.throws(() => decodePinJson(plaintext, "pin_length"), { code: "pin_length", field: "pin" });
    assert.ok(plaintext.every((byte) => byte === 0));
  }
  for (const text of ['{"pin":""}', '{"pin":"19"', '{"pin":"1 2"}', '{"pin":"19e8"}', '{"pin":192}'])
    assert.throws(() => decodePinJson(utf8(text), "pin_length"), { code: "decryption_failed" });
});

test("what is read is wiped", () => {
  const plaintext = utf8('{"pin":"1928"}');
  const pin = decodePinJson(plaintext);
  assert.deepEqual(plaintext, new Uint8Array(14));
  assert.deepEqual(pin.asciiDigits(), utf8("1928"));
});

test("what is accepted, JSON.parse reads the same, and as one member", () => {
  const nearly = fc
    .tuple(fc.nat(20), fc.constantFrom(...'{}":,\\ 0u1pin[]\n'), fc.constantFrom(0, 1))
    .map(([index, character, cut]) => {
      const text = '{ "pin": "1928" }';
      return text.slice(0, index) + character + text.slice(index + cut);
    });
  fc.assert(
    fc.property(nearly, (text) => {
      let pin: Pin;
      try {
        pin = decodePinJson(utf8(text));
      } catch {
        return;
      }
      assert.deepEqual(JSON.parse(text), { pin: Buffer.from(pin.asciiDigits()).toString() });
    }),
    { numRuns: 1000 },
  );
});
