import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { digitOf } from "../src/typed-digits.ts";

describe("a key", () => {
  it("is a digit in ASCII, Arabic-Indic and Persian numerals", () => {
    for (const numerals of ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
      assert.deepEqual(Array.from(numerals, digitOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("is one in full width, in the scripts of India, and beyond the basic plane", () => {
    for (const numerals of ["０１２３４５６７８９", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "௦௧௨௩௪௫௬௭௮௯", "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡"])
      assert.deepEqual(Array.from(numerals, digitOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("is none otherwise", () => {
    for (const key of ["a", "", " ", "F1", "10", "Enter", "Process", "²", "一", "½", "①"])
      assert.equal(digitOf(key), undefined);
  });

  // Python has a table of Unicode's of its own.
  const skip = needsProgram(["python3", "--version"], "python3");
  it("has the value that Python knows, for every character", { skip }, () => {
    const program =
      "import json, unicodedata; print(json.dumps([[c, unicodedata.decimal(chr(c))] for c in range(0x110000) if unicodedata.category(chr(c)) == 'Nd']))";
    const known: [number, number][] = JSON.parse(spawnSync("python3", ["-c", program], { encoding: "utf8" }).stdout);
    assert.ok(known.length >= 600);
    for (const [codePoint, value] of known)
      assert.equal(digitOf(String.fromCodePoint(codePoint)), value, codePoint.toString(16));
  });
});
