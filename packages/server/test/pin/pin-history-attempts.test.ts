import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { AdyenCardholder } from "@linchpin/testing/adyen";

const changesPerDay = 4;

describe("a card whose program keeps a PIN history", () => {
  let now = new Date("2026-11-22T12:00:00Z");
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => now });
    const first = await AdyenCardholder.create(issuer.url);
    holder = await first.inProgram({ policy: { formerPins: 3 }, changesPerDay });
    assert.equal((await holder.changePin("1928")).status, 200, "a first PIN is compared with none");
  });
  after(() => issuer.stop());

  const codesOf = (answers: readonly { status: number; body: { errorCode?: string } }[]) =>
    answers.map(({ status, body }) => body.errorCode ?? status);

  it("answers as many changes that arrive together as there are attempts, whatever their answers would have been", async () => {
    const digits = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? "1928" : `${2846 + index}`));
    const requests = await Promise.all(digits.map((pin) => holder.seal(pin)));
    const answers = await Promise.all(requests.map((request) => holder.sendChange(request)));
    const limited = codesOf(answers).filter((code) => code === "00_429");
    assert.equal(limited.length, digits.length - changesPerDay);
    assert.equal((await holder.changePin("1928")).body.errorCode, "00_429");
    assert.equal((await holder.card()).pin.remainingAttempts, 3, "the PIN try counter is another");
  });

  it("answers again on the next day, and counts each answer, also one that refuses", async () => {
    now = new Date("2026-11-23T00:00:00Z");
    const current = "5937";
    assert.equal((await holder.changePin(current)).status, 200);
    const { errorCode } = (await holder.changePin(current)).body;
    assert.equal((await holder.auditEvents()).at(-1).code, "pin_reused");
    assert.deepEqual(
      [(await holder.changePin(current)).body.errorCode, (await holder.changePin("12345")).body.errorCode],
      [errorCode, errorCode],
    );
    assert.equal((await holder.changePin("7391")).body.errorCode, "00_429");
  });

  it("spends a message that it refused as a former PIN, and refuses it by the same word again", async () => {
    now = new Date("2026-11-24T00:00:00Z");
    const other = await holder.inProgram({});
    const request = await holder.seal("5937");
    const first = (await holder.sendChange(request)).body.errorCode;
    assert.equal((await holder.sendChange(request)).body.errorCode, first);
    const moved = await other.sendChange({ ...request, paymentInstrumentId: other.paymentInstrumentId });
    assert.equal(moved.body.errorCode, "31_022");
  });
});

describe("a card whose program keeps no PIN history", () => {
  it("has as many changes as it asks for", async () => {
    const issuer = await startSandboxIssuer();
    try {
      const holder = await (await AdyenCardholder.create(issuer.url)).inProgram({ changesPerDay: 1 });
      for (const digits of ["1928", "1928", "2846"]) assert.equal((await holder.changePin(digits)).status, 200);
    } finally {
      await issuer.stop();
    }
  });
});
