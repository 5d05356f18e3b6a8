import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Exchange, follow } from "../../src/journey/exchange.ts";
import type { SandboxEvent } from "../../src/wire/sandbox-event.ts";

const path = "/adyen/bcl/v2/pins/change";
const message = { method: "POST", path };
const relayed = (id: string): SandboxEvent => ({ kind: "relayed", id, ...message, headers: {}, body: "{}" });
const request = (id: string): SandboxEvent => ({ kind: "request", id, ...message });
const step = (id: string, name: string): SandboxEvent => ({
  kind: "step",
  label: "its state",
  id,
  operation: "adyen.pins.change",
  step: name,
  refusal: null,
  elapsedMs: 1,
});
const answer = (id: string): SandboxEvent => ({
  kind: "answer",
  id,
  status: 200,
  outcome: null,
  reason: null,
  elapsedMs: 2,
});
const returned = (id: string, status: number | null): SandboxEvent => ({ kind: "returned", id, status, body: "" });

const journeyOf = (...events: SandboxEvent[]): readonly Exchange[] => events.reduce(follow, []);

describe("the journey follows a message", () => {
  it("through partner and issuer, and back", () => {
    const [exchange, ...others] = journeyOf(
      relayed("p"),
      request("i"),
      step("i", "card"),
      step("i", "open"),
      answer("i"),
      returned("p", 200),
    );
    assert.deepEqual(others, []);
    assert.equal(exchange?.requestId, "i");
    assert.deepEqual(
      exchange.steps.map(({ step }) => step),
      ["card", "open"],
    );
    assert.equal(exchange.answer?.status, 200);
    assert.equal(exchange.returned?.status, 200);
  });

  it("that never arrives", () => {
    const [exchange] = journeyOf(relayed("p"), returned("p", null));
    assert.equal(exchange?.requestId, undefined);
    assert.equal(exchange?.returned?.status, null);
  });

  it("that a client of one's own sent: no partner stands before it", () => {
    const [exchange] = journeyOf(request("i"), answer("i"));
    assert.equal(exchange?.relayed, undefined);
    assert.equal(exchange?.answer?.status, 200);
  });

  it("that a partner sends twice: the second request has a row of its own", () => {
    const journey = journeyOf(relayed("p"), request("i"), request("j"), answer("j"), answer("i"));
    assert.deepEqual(
      journey.map(({ requestId }) => requestId),
      ["i", "j"],
    );
  });

  it("that a partner sends on with another path, and again: each row is the partner's", () => {
    const moved = { ...message, path: "/stripe/v1/issuing/cards/ic_own", kind: "request", relayedId: "p" } as const;
    const journey = journeyOf(relayed("p"), { ...moved, id: "i" }, { ...moved, id: "j" }, answer("i"));
    assert.deepEqual(
      journey.map(({ requestId, isPartnersOwn, answer }) => [requestId, isPartnersOwn, answer?.status]),
      [
        ["i", undefined, 200],
        ["j", true, undefined],
      ],
    );
  });

  it("with what the partner did, the last that it reports", () => {
    const attack = { kind: "attack", id: "p", outcome: "tried", text: "tries" } as const;
    const journey = journeyOf(relayed("p"), relayed("q"), attack, { ...attack, outcome: "stopped", text: "tried" });
    assert.deepEqual(
      journey.map(({ attack }) => attack?.outcome),
      ["stopped", undefined],
    );
  });

  it("with how the phone's task ended, at its last message, once", () => {
    const conclusion = (code: string | null) => ({ kind: "conclusion", code }) as const;
    const journey = journeyOf(
      relayed("p"),
      relayed("q"),
      request("i"),
      conclusion("outcome_unknown"),
      conclusion(null),
    );
    assert.deepEqual(
      journey.map(({ conclusion }) => conclusion),
      [undefined, "outcome_unknown"],
    );
  });

  it("among others that are under way: each answer finds its own", () => {
    const journey = journeyOf(relayed("p"), request("i"), relayed("q"), request("j"), step("i", "card"), answer("j"));
    assert.deepEqual(
      journey.map(({ id, steps, answer }) => [id, steps.length, answer?.status]),
      [
        ["p", 1, undefined],
        ["q", 0, 200],
      ],
    );
  });

  it("not one that began before it was looked at", () => {
    assert.deepEqual(journeyOf(step("i", "card"), answer("i"), returned("p", 200)), []);
  });

  it("and forgets the oldest of many", () => {
    const journey = journeyOf(...Array.from({ length: 100 }, (_, index) => request(`${index}`)));
    assert.equal(journey.length, 40);
    assert.equal(journey.at(-1)?.requestId, "99");
  });
});
