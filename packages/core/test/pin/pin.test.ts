import assert from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { suite, test } from "node:test";
import { format, inspect } from "node:util";
import { LinchpinError, Pin, utf8 } from "../../src/index.ts";

const pinOf = (digits: string) => new Pin(utf8(digits));

suite("a PIN is 4 to 12 ASCII digits", () => {
  for (const digits of ["0000", "1234", "12345", "999999999999"])
    test(`${digits.length} digits are one`, () => {
      const pin = pinOf(digits);
      assert.equal(pin.length, digits.length);
      assert.deepEqual(pin.asciiDigits(), utf8(digits));
    });

  const refused = {
    nothing: "",
    "three digits": "193",
    "thirteen digits": "1234567890123",
    "a space before": " 193",
    "a space behind": "1937 ",
    "a space inside": "19 37",
    letters: "19e7",
    "a sign": "-193",
    "a line end": "1937\n",
    "a NUL": "193\u0000",
    "the characters before 0 and after 9": "/19:",
    "Arabic-Indic digits": "١٩٣٧",
    "full-width digits": "１９３７",
    "superscript digits": "¹²³⁴",
  };
  for (const [what, text] of Object.entries(refused))
    test(`refused: ${what}`, () => {
      assert.throws(
        () => pinOf(text),
        (error) => {
          assert.ok(error instanceof LinchpinError);
          assert.equal(error.code, "pin_malformed");
          if (text !== "") assert.ok(!inspect(error, { showHidden: true }).includes(text));
          return true;
        },
      );
    });

  test("refused: digit values instead of ASCII digits", () => {
    assert.throws(() => new Pin(Uint8Array.of(1, 9, 3, 7)), { code: "pin_malformed" });
  });
});

suite("a PIN prints as Pin(****)", () => {
  const pin = pinOf("1937");
  const nested = { card: { pin, list: [pin], map: new Map([["pin", pin]]) } };
  const prints: Record<string, string> = {
    "String()": String(pin),
    template: `${pin}`,
    concatenation: "".concat(pin as unknown as string),
    "JSON.stringify": JSON.stringify(pin),
    "JSON.stringify, nested": JSON.stringify(nested.card),
    "util.inspect": inspect(pin),
    "util.inspect, nested": inspect(nested, { depth: 9, showHidden: true }),
    "util.inspect, getters": inspect(nested, { depth: 9, getters: true, showProxy: true }),
    "%s": format("%s", pin),
    "%o": format("%o", pin),
    "%O": format("%O", nested.card),
    "%j": format("%j", pin),
    "console.log": consoleOutput((console) => console.log(nested, pin)),
    "console.table": consoleOutput((console) => console.table([{ pin }])),
  };
  for (const [way, text] of Object.entries(prints))
    test(`by ${way}`, () => {
      assert.ok(text.includes("Pin(****)"), text);
      assertHidden(text);
    });

  test("and where nothing of ours is asked, by nothing that it holds", () => {
    for (const text of [
      inspect(pin, { customInspect: false, showHidden: true, getters: true }),
      consoleOutput((console) => console.dir(pin, { showHidden: true })),
      inspect(Object.assign({}, pin)),
      inspect({ ...pin }),
      inspect(structuredClone(pin)),
      Object.entries(pin).toString(),
      String(Number(pin)),
      inspect(Object.getOwnPropertyDescriptors(pin)),
    ])
      assertHidden(text);
  });
});

test("a PIN is a copy: wiping what it was made of leaves it, wiping it leaves nothing", () => {
  const typed = utf8("1937");
  const pin = new Pin(typed);
  typed.fill(0);
  assert.deepEqual(pin.asciiDigits(), utf8("1937"));
  const digits = pin.asciiDigits();
  pin.wipe();
  assert.deepEqual(digits, new Uint8Array(4));
  assert.deepEqual(typed, new Uint8Array(4));
});

test("PINs are equal only if all digits and the length are", () => {
  assert.equal(pinOf("1937").equals(pinOf("1937")), true);
  for (const other of ["1938", "0937", "7391", "19370", "193719"])
    assert.equal(pinOf("1937").equals(pinOf(other)), false);
});

function assertHidden(text: string): void {
  assert.doesNotMatch(text, /1937|0x31|\b49\b|\b57\b|31393337/);
}

function consoleOutput(use: (console: Console) => void): string {
  const written: string[] = [];
  const stdout = new Writable({
    write: (chunk, _, done) => {
      written.push(String(chunk));
      done();
    },
  });
  use(new Console(stdout));
  return written.join("");
}
