import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import type { Keyring } from "@linchpin/vault";
import { rememberSignedSession, wasSignedHere } from "../../../src/protocols/native/signed-sessions.ts";

const session = () => [30, 600, 64].map((length) => randomBytes(length).toString("base64url")).join(".");
/** Only which keyring it is counts. */
const issuer = () => ({ keyring: {} as Keyring });

suite("sessions that an issuer signed in this process", () => {
  test("are known by their whole text: with any character altered, missing or added they are verified", () => {
    const [own, text] = [issuer(), session()];
    rememberSignedSession(own, text);
    assert.equal(wasSignedHere(own, text), true);
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === "A" ? "B" : "A";
      assert.equal(wasSignedHere(own, text.slice(0, at) + other + text.slice(at + 1)), false);
      assert.equal(wasSignedHere(own, text.slice(0, at) + text.slice(at + 1)), false);
    }
    for (const other of [`${text}=`, `${text}\n`, ` ${text}`, "", session()])
      assert.equal(wasSignedHere(own, other), false);
  });

  test("are known while five thousand are newer, and not while ten thousand are", () => {
    const [own, text] = [issuer(), session()];
    rememberSignedSession(own, text);
    for (let index = 0; index < 5_000; index++) rememberSignedSession(own, `${index}`);
    assert.equal(wasSignedHere(own, text), true);
    for (let index = 5_000; index < 10_000; index++) rememberSignedSession(own, `${index}`);
    assert.equal(wasSignedHere(own, text), false);
  });

  test("are not another issuer's, and none of its displaces them", () => {
    const [own, other, text] = [issuer(), issuer(), session()];
    assert.equal(wasSignedHere(own, text), false);
    rememberSignedSession(own, text);
    assert.equal(wasSignedHere(other, text), false);
    for (let index = 0; index < 10_000; index++) rememberSignedSession(other, `${index}`);
    assert.equal(wasSignedHere(own, text), true);
  });
});
