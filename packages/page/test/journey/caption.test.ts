import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captionOf, refusedStep } from "../../src/journey/caption.ts";

const words = { issuer: "changes the PIN", unsuccessful: { unavailable: "changes nothing" } };
const answer = { status: 200, outcome: null, reason: null, elapsedMs: 1 };

describe("the caption of a message at the issuer", () => {
  it("claims no success before there is an answer", () => {
    assert.deepEqual(captionOf({}, words), { text: "…", isSuccess: null });
  });

  it("shows success once it is answered", () => {
    assert.deepEqual(captionOf({ answer }, words), { text: "changes the PIN", isSuccess: true });
    const completed = { ...answer, outcome: "completed" };
    assert.deepEqual(captionOf({ answer: completed }, words), { text: "changes the PIN", isSuccess: true });
  });

  it("claims no success where an answer of 200 names another outcome", () => {
    const unavailable = { ...answer, outcome: "unavailable" };
    assert.deepEqual(captionOf({ answer: unavailable }, words), { text: "changes nothing", isSuccess: false });
  });

  it("has other words for a success, by the outcome that the answer names", () => {
    const bound = { ...answer, outcome: "bound" };
    const ofOutcome = { ...words, successful: { bound: "binds the phone" } };
    assert.deepEqual(captionOf({ answer: bound }, ofOutcome), { text: "binds the phone", isSuccess: true });
    assert.deepEqual(captionOf({ answer }, ofOutcome), { text: "changes the PIN", isSuccess: true });
  });

  it("says why a request was refused, by its sentence, else by its code", () => {
    const refused = { ...answer, status: 409, outcome: "replayed", reason: "used before" };
    assert.deepEqual(captionOf({ answer: refused }, words), { text: "refuses: used before", isSuccess: false });
    const coded = { ...refused, reason: null };
    assert.deepEqual(captionOf({ answer: coded }, words), { text: "refuses: replayed", isSuccess: false });
  });
});

describe("the step at which a message was refused", () => {
  const step = (refusal: string | null) => ({
    operation: "pin.verify",
    step: "find",
    label: "its state",
    refusal,
    elapsedMs: 1,
  });
  const passed = [step(null), step(null)];

  it("is none where the message succeeded, or nobody knows yet", () => {
    assert.equal(refusedStep(passed, { isSuccess: true }), -1);
    assert.equal(refusedStep(passed, { isSuccess: null }), -1);
    assert.equal(refusedStep([], { isSuccess: false }), -1);
  });

  it("is the one that says so", () => {
    assert.equal(refusedStep([step(null), step("replayed"), step(null)], { isSuccess: false }), 1);
  });

  it("is the last one where a wrong PIN or code was answered and nothing was thrown", () => {
    assert.equal(refusedStep(passed, { isSuccess: false }), 1);
  });
});
