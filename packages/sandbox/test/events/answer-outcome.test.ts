import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { outcomeOf } from "../../src/events/answer-outcome.ts";

describe("what an answer says of itself", () => {
  const refusals = {
    "RFC 9457": { title: "used before", status: 409, code: "replayed", detail: "this JWE was used" },
    Solaris: { errors: [{ id: "1", code: "replayed", title: "Replayed", detail: "this JWE was used" }] },
    Venly: { success: false, errors: [{ code: "replayed", message: "this JWE was used" }] },
    Adyen: { type: "t", errorCode: "replayed", title: "Used", detail: "this JWE was used" },
    Plumery: { code: "replayed", message: "this JWE was used", fieldErrors: [] },
    OAuth: { error: "replayed", error_description: "this JWE was used" },
    Stripe: { error: { code: "replayed", message: "this JWE was used", type: "card_error" } },
  };
  for (const [name, body] of Object.entries(refusals))
    it(`of a refusal in ${name}'s words: its code and its sentence`, () => {
      assert.deepEqual(outcomeOf(409, JSON.stringify(body)), { outcome: "replayed", reason: "this JWE was used" });
    });

  it("of a success: no more than its outcome", () => {
    const reveal = { status: "completed", token: "t", encryptedPinBlock: "b", message: "m", code: "c" };
    assert.deepEqual(outcomeOf(200, JSON.stringify(reveal)), { outcome: "completed", reason: null });
    assert.deepEqual(outcomeOf(200, JSON.stringify({ result: { id: "i" } })), { outcome: null, reason: null });
  });

  const signed = (claims: object) =>
    JSON.stringify({ answer: `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln` });

  it("of a signed answer: what its payload says, and of a refusal the sentence of its code", () => {
    const revealed = signed({ op: "pin-reveal", result: "revealed", sealed: "c2VhbGVk" });
    assert.deepEqual(outcomeOf(200, revealed), { outcome: "revealed", reason: null });
    const stale = { outcome: "session_stale", reason: "the PIN was changed since the session was made" };
    assert.deepEqual(outcomeOf(422, signed({ result: "refused", code: "session_stale" })), stale);
    assert.deepEqual(outcomeOf(422, signed({ result: "refused", code: "not one of ours" })), {
      outcome: "not one of ours",
      reason: null,
    });
    const spent = outcomeOf(409, signed({ op: "pin-change", result: "spent", earlier: { result: "changed" } }));
    assert.equal(spent.outcome, "replayed");
    assert.match(spent.reason ?? "", /used before|already used/);
    assert.deepEqual(outcomeOf(200, '{"answer":"no JWS"}'), { outcome: null, reason: null });
  });

  it("nothing, where it is no JSON object", () => {
    for (const body of [
      undefined,
      Buffer.from("{}"),
      "",
      "<html>",
      "null",
      "[]",
      '"text"',
      '{"errors":[]}',
      '{"errors":null}',
    ])
      assert.deepEqual(outcomeOf(500, body), { outcome: null, reason: null });
  });
});
