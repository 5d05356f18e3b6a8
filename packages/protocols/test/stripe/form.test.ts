import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type FormValue, parseForm } from "@linchpin/protocols/stripe/form";

describe("a form", () => {
  const parsed: [text: string, value: Record<string, FormValue>][] = [
    ["", {}],
    ["a=1", { a: "1" }],
    ["a=", { a: "" }],
    ["a", { a: "" }],
    ["pin[encrypted_number]=x.y", { pin: { encrypted_number: "x.y" } }],
    ["pin%5Bencrypted_number%5D=x%2Ey", { pin: { encrypted_number: "x.y" } }],
    ["a[b]=1&a[c]=2&d=3", { a: { b: "1", c: "2" }, d: "3" }],
    ["a[]=1&a[]=2", { a: ["1", "2"] }],
    ["a[1]=2&a[0]=1", { a: ["1", "2"] }],
    ["a[0][b]=1&a[1][b]=2", { a: [{ b: "1" }, { b: "2" }] }],
    ["a[0]=1&a[2]=2", { a: { 0: "1", 2: "2" } }],
    ["a[00]=1", { a: { "00": "1" } }],
    ["a=1+2%202", { a: "1 2 2" }],
    ["a=%C3%A9", { a: "é" }],
    ["a=b=c", { a: "b=c" }],
    ["a[constructor]=1&toString=2", { a: { constructor: "1" }, toString: "2" }] as never,
  ];
  for (const [text, value] of parsed)
    it(`is parsed: ${text || "empty"}`, () => assert.deepEqual(parseForm(text), value));

  const refused: Record<string, string> = {
    "a parameter twice": "a=1&a=2",
    "twice, once percent-encoded": "a[b]=1&a%5Bb%5D=2",
    "a value that has members": "a=1&a[b]=2",
    "members that are a value": "a[b]=1&a=2",
    "an item twice": "a[]=1&a[0]=2",
    "no name": "=1",
    "brackets alone": "[a]=1",
    "an open bracket": "a[b=1",
    "a closed bracket": "a]=1",
    "brackets within brackets": "a[b[c]]=1",
    "a name behind brackets": "a[b]c=1",
    "six levels": "a[b][c][d][e][f]=1",
    "the prototype": "__proto__[a]=1",
    "the prototype of a member": "a[__proto__][b]=1",
    "a line end in a name": "a%0A=1",
    "a NUL in a name": "a[b%00]=1",
    "a NUL in a value": "a=%00",
    "too many parameters": Array.from({ length: 201 }, (_, index) => `a${index}=1`).join("&"),
  };
  for (const [what, text] of Object.entries(refused))
    it(`is refused: ${what}`, () => {
      assert.throws(
        () => parseForm(text),
        (error) => error instanceof LinchpinError && error.code === "request_invalid" && error.field === undefined,
      );
    });

  it("changes no prototype, and names what it cannot parse nowhere", () => {
    assert.throws(() => parseForm("__proto__[polluted]=1"), { code: "request_invalid" });
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    assert.throws(
      () => parseForm("k7391[=0471"),
      ({ message, reason }) => !`${message} ${reason}`.match(/7391|0471/),
    );
  });
});
