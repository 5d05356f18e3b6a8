import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import {
  type AuditFacts,
  auditCatalogue,
  auditDone,
  auditFacts,
  auditRefused,
  systemCaller,
} from "../../src/audit/index.ts";

const catalogue = auditCatalogue({
  "test.change": { when: "A PIN is changed.", facts: { deviceId: "id of the device", pinVersion: "its version" } },
  "test.look": { when: "Somebody looks.", facts: {} },
});
const clock = () => new Date("2026-01-02T03:04:05.678Z");
const facts = auditFacts(catalogue["test.change"], { kind: "operator", name: "ann" }, { deviceId: "d1" });

describe("an audit event", () => {
  it("has its members in one order, and its facts in the order in which they came", () => {
    assert.deepEqual(auditDone({ clock }, { cardId: "c1" }, facts.with({ pinVersion: 2 })), {
      subject: "c1",
      cardId: "c1",
      occurredAt: clock(),
      content:
        '{"occurredAt":"2026-01-02T03:04:05.678Z","cardId":"c1","outcome":"done","operation":"test.change",' +
        '"caller":{"kind":"operator","name":"ann"},"deviceId":"d1","pinVersion":2}',
    });
  });

  it("of a refusal says its code and reason, and leaves out what is not known", () => {
    const refused = auditFacts(catalogue["test.change"], systemCaller, { deviceId: undefined, pinVersion: null });
    const error = new LinchpinError("conflict", { reason: "it has changed" });
    assert.deepEqual(auditRefused({ clock }, { id: "keys" }, error, refused), {
      subject: "keys",
      cardId: null,
      occurredAt: clock(),
      content:
        '{"occurredAt":"2026-01-02T03:04:05.678Z","cardId":null,"outcome":"refused","code":"conflict",' +
        '"reason":"it has changed","operation":"test.change","caller":{"kind":"house"},"pinVersion":null}',
    });
  });

  // The compiler judges these lines: an expected error that is none is an error of `tsc --build`.
  it("does not compile with an operation or a fact that its catalogue does not declare", () => {
    // @ts-expect-error -- no such operation
    assert.throws(() => auditFacts(catalogue["test.chnage"], systemCaller, {}), TypeError);
    // @ts-expect-error -- no such fact
    auditFacts(catalogue["test.change"], systemCaller, { devceId: "d1" });
    // @ts-expect-error -- no such fact
    facts.with({ pin: "x" });
    // @ts-expect-error -- this event may not have the fact that the function adds
    addPinVersion(auditFacts(catalogue["test.look"], systemCaller, {}));
    // @ts-expect-error -- facts of no catalogue
    assert.throws(() => addPinVersion({ operation: "test.change", caller: systemCaller }), TypeError);
    addPinVersion(facts);
  });
});

function addPinVersion(given: AuditFacts<"pinVersion">): AuditFacts<"pinVersion"> {
  return given.with({ pinVersion: 1 });
}
