import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { english } from "../src/messages/english.ts";
import { german } from "../src/messages/german.ts";
import { portuguese } from "../src/messages/portuguese.ts";
import { fill } from "../src/messages.ts";

const placeholders = (message: string) => (message.match(/\{\w+\}/g) ?? []).sort();

describe("messages", () => {
  for (const [language, messages] of Object.entries({ german, portuguese }))
    it(`${language} fills in what English does, and leaves nothing empty or untranslated`, () => {
      for (const [name, message] of Object.entries(english)) {
        const translated = messages[name as keyof typeof english];
        assert.deepEqual(placeholders(translated), placeholders(message), name);
        assert.notEqual(translated.trim(), "", name);
        assert.notEqual(translated, message, name);
      }
    });

  it("numbers are put in, and unknown placeholders stay", () => {
    assert.equal(fill("{count} of {max} {other}", { count: 0, max: 4 }), "0 of 4 {other}");
  });
});
