import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { rememberSignedSession, wasSignedHere } from "../../../src/protocols/native/signed-sessions.ts";

const session = () => [30, 600, 64].map((length) => randomBytes(length).toString("base64url")).join(".");

suite("sessions that this process signed", () => {
  test("are known by their whole text: with any character altered, missing or added they are verified", () => {
    const text = session();
    rememberSignedSession(text);
    assert.equal(wasSignedHere(text), true);
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === "A" ? "B" : "A";
      assert.equal(wasSignedHere(text.slice(0, at) + other + text.slice(at + 1)), false);
      assert.equal(wasSignedHere(text.slice(0, at) + text.slice(at + 1)), false);
    }
    for (const other of [`${text}=`, `${text}\n`, ` ${text}`, "", session()]) assert.equal(wasSignedHere(other), false);
  });

  test("are known while five thousand are newer, and not while ten thousand are", () => {
    const text = session();
    rememberSignedSession(text);
    for (let index = 0; index < 5_000; index++) rememberSignedSession(`${index}`);
    assert.equal(wasSignedHere(text), true);
    for (let index = 5_000; index < 10_000; index++) rememberSignedSession(`${index}`);
    assert.equal(wasSignedHere(text), false);
  });
});
