import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { OutboxReceiver } from "@linchpin/test-fixtures/issuer/outbox-receiver";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { until } from "@linchpin/test-fixtures/system/until";
import { type Answer, call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import pino from "pino";

describe("PINs by the issuer API", { timeout: 120_000 }, () => {
  let issuer: SandboxIssuer;
  let receiver: OutboxReceiver;
  const logged: string[] = [];

  before(async () => {
    receiver = new OutboxReceiver();
    issuer = await startSandboxIssuer({
      environment: {
        LINCHPIN_EVENTS_URL: await receiver.listen(),
        LINCHPIN_EVENTS_SECRET: "the secret of the operator's receiver",
      },
      log: pino({ level: "trace" }, { write: (line: string) => logged.push(line) }),
    });
  });
  after(async () => {
    await issuer.stop();
    receiver.close();
  });

  const freshCardholder = () => SolarisCardholder.create(issuer.url);
  const onPin = (holder: SolarisCardholder, operation: string, body?: unknown) =>
    holder.operator("POST", `/cards/${holder.sandbox.issuer.cardId}/pin/${operation}`, body);
  const setState = (holder: SolarisCardholder, state: string) =>
    holder.operator("PATCH", `/cards/${holder.sandbox.issuer.cardId}`, { state });

  /** With a card in a program of its own; `mobileNumber` null: with none. */
  async function cardholderIn(
    settings: unknown,
    mobileNumber: string | null = `+1557${randomInt(1e9, 1e10)}`,
  ): Promise<SolarisCardholder> {
    const holder = await freshCardholder();
    const make = async (path: string, body: unknown) => (await holder.operator("POST", path, body)).body;
    const program = await make("/programs", { name: "Program", settings });
    const number = mobileNumber === null ? {} : { mobileNumber };
    const person = await make("/persons", { partnerId: "sandbox", ...number });
    const card = await make("/cards", { personId: person.id, programId: program.id });
    const solaris = { personId: person.id, cardAccountId: card.names.solaris, mobileNumber };
    Object.assign(holder.sandbox.solaris, solaris);
    holder.sandbox.issuer.cardId = card.id;
    return holder;
  }

  async function withPin(holder: SolarisCardholder, digits: string) {
    const device = await holder.bindDevice();
    assert.equal((await holder.changePin(digits, device)).status, 204);
    return device;
  }

  async function resultOf(answer: Promise<Answer>): Promise<[string, number]> {
    const { status, body } = await answer;
    assert.equal(status, 200, JSON.stringify(body));
    return [body.result, body.remainingAttempts];
  }

  function assertProblem({ status, body }: Answer, expected: [status: number, code: string, field?: string]): void {
    const [expectedStatus, code, field] = expected;
    assert.deepEqual([status, body.code, body.field], [expectedStatus, code, field]);
  }

  async function letterTo(holder: SolarisCardholder): Promise<string> {
    const to = encodeURIComponent(holder.sandbox.solaris.mobileNumber);
    const { body } = await call("GET", `${issuer.url}/sandbox/messages?to=${to}`);
    assert.equal(body.at(-1).channel, "letter");
    return /\d{4,12}/.exec(body.at(-1).text)?.[0] ?? "";
  }

  const eventTypes = (holder: SolarisCardholder) =>
    receiver.deliveries.filter(({ body }) => body.cardId === holder.sandbox.issuer.cardId).map(({ body }) => body.type);

  describe("verification", () => {
    test("the PIN matches, another does not", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      assert.deepEqual(await resultOf(holder.verify("1928")), ["match", 3]);
      assert.deepEqual(await resultOf(holder.verify("1929")), ["mismatch", 2]);
      assert.deepEqual(await resultOf(holder.verify("19280")), ["mismatch", 1]);
      assert.equal((await holder.card()).pin.remainingAttempts, 1);
    });

    test("a match gives all tries back", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      await holder.verify("0000");
      await holder.verify("0000");
      assert.deepEqual(await resultOf(holder.verify("1928")), ["match", 3]);
      assert.deepEqual(await resultOf(holder.verify("0000")), ["mismatch", 2]);
    });

    test("three mismatches in a row block, also for the right PIN; a change unblocks", async () => {
      const holder = await freshCardholder();
      const device = await withPin(holder, "1928");
      for (const remaining of [2, 1, 0])
        assert.deepEqual(await resultOf(holder.verify("0000")), ["mismatch", remaining]);
      assert.deepEqual(await resultOf(holder.verify("1928")), ["blocked", 0]);
      assert.deepEqual((await holder.card()).pin, {
        status: "blocked",
        remainingAttempts: 0,
        version: 1,
        chip: "in_sync",
      });
      assert.equal((await holder.changePin("2846", device)).status, 204);
      assert.deepEqual(await resultOf(holder.verify("2846")), ["match", 3]);
      await until(() => eventTypes(holder).length === 4);
      assert.deepEqual(eventTypes(holder), ["pin.changed", "pin.blocked", "pin.changed", "pin.unblocked"]);
    });

    test("as many tries as the program allows, however many come at once", async () => {
      const holder = await cardholderIn({ triesAllowed: 5 });
      await withPin(holder, "1928");
      const attempts = await Promise.all(Array.from({ length: 12 }, () => holder.seal("0000")));
      const answers = await Promise.all(attempts.map((attempt) => resultOf(onPin(holder, "verify", attempt))));
      const remaining = answers.filter(([result]) => result === "mismatch").map(([, left]) => left);
      assert.deepEqual(
        remaining.sort((a, b) => b - a),
        [4, 3, 2, 1, 0],
      );
      assert.equal(answers.filter(([result]) => result === "blocked").length, 7);
    });

    test("a JWE verifies once, on any card, and its second use costs no try", async () => {
      const [holder, other] = [await freshCardholder(), await freshCardholder()];
      await withPin(holder, "1928");
      await withPin(other, "1928");
      const attempt = await holder.seal("0000");
      assert.deepEqual(await resultOf(onPin(holder, "verify", attempt)), ["mismatch", 2]);
      assertProblem(await onPin(holder, "verify", attempt), [409, "replayed"]);
      assertProblem(await onPin(other, "verify", attempt), [409, "replayed"]);
      assert.equal((await holder.card()).pin.remainingAttempts, 2);
      assert.equal((await other.card()).pin.remainingAttempts, 3);
    });

    test("a JWE sent twice at once is one try", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      const attempt = await holder.seal("0000");
      const answers = await Promise.all(Array.from({ length: 6 }, () => onPin(holder, "verify", attempt)));
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, 409, 409, 409, 409, 409]);
      assert.equal((await holder.card()).pin.remainingAttempts, 2);
    });

    test("a card without a PIN", async () => {
      const holder = await freshCardholder();
      assertProblem(await holder.verify("1928"), [409, "pin_not_set"]);
      assert.equal((await holder.auditEvents()).at(-1).code, "pin_not_set");
    });

    test("a card that is blocked or terminated", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      await setState(holder, "blocked");
      assertProblem(await holder.verify("1928"), [409, "card_blocked"]);
      await setState(holder, "terminated");
      assertProblem(await holder.verify("1928"), [409, "card_terminated"]);
    });

    test("what can not be opened costs no try, and is written down", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      const { encrypted_pin, key_id } = await holder.seal("1928");
      const altered = (segment: number) =>
        encrypted_pin
          .split(".")
          .map((text, index) => (index === segment ? (text[0] === "A" ? "B" : "A") + text.slice(1) : text))
          .join(".");
      const refusals: [unknown, [number, string, string?]][] = [
        [{ encrypted_pin: altered(1), key_id }, [422, "decryption_failed"]],
        [{ encrypted_pin: altered(2), key_id }, [422, "decryption_failed"]],
        [{ encrypted_pin: altered(3), key_id }, [422, "decryption_failed"]],
        [{ encrypted_pin: altered(4), key_id }, [422, "decryption_failed"]],
        [{ encrypted_pin: "a.b.c", key_id }, [422, "jwe_malformed"]],
        [{ encrypted_pin, key_id: "another" }, [422, "key_mismatch", "key_id"]],
      ];
      for (const [attempt, expected] of refusals) {
        assertProblem(await onPin(holder, "verify", attempt), expected);
        const { operation, outcome, code } = (await holder.auditEvents()).at(-1);
        assert.deepEqual([operation, outcome, code], ["issuer.pin.verify", "refused", expected[1]]);
      }
      assert.deepEqual(await resultOf(onPin(holder, "verify", { encrypted_pin, key_id })), ["match", 3]);
    });

    test("another shape, and a card that is not there", async () => {
      const holder = await freshCardholder();
      const attempt = await holder.seal("1928");
      const { key_id } = attempt;
      assertProblem(await onPin(holder, "verify", { key_id }), [400, "request_invalid", "encrypted_pin"]);
      assertProblem(await onPin(holder, "verify", { ...attempt, pin: "1928" }), [400, "request_invalid"]);
      assertProblem(await holder.operator("POST", "/cards/none/pin/verify", attempt), [404, "card_unknown"]);
    });

    test("a partner may not ask", async () => {
      const holder = await freshCardholder();
      const url = `${issuer.url}/issuer/v1/cards/${holder.sandbox.issuer.cardId}/pin/verify`;
      const answer = await call("POST", url, { bearer: holder.token, body: await holder.seal("1928") });
      assertProblem(answer, [401, "caller_unknown"]);
    });
  });

  describe("unblocking", () => {
    test("gives a blocked PIN all its tries back", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      for (let attempt = 0; attempt < 3; attempt++) await holder.verify("0000");
      const answer = await onPin(holder, "unblock");
      assert.deepEqual([answer.status, answer.body], [200, await holder.card()]);
      assert.deepEqual([answer.body.pin.status, answer.body.pin.remainingAttempts], ["active", 3]);
      assert.deepEqual(await resultOf(holder.verify("1928")), ["match", 3]);
      await until(() => eventTypes(holder).at(-1) === "pin.unblocked");
      assert.equal((await holder.auditEvents()).at(-2).operation, "issuer.pin.unblock");
    });

    test("a PIN that is not blocked, a PIN that is not set", async () => {
      const holder = await freshCardholder();
      assertProblem(await onPin(holder, "unblock"), [409, "conflict"]);
      await withPin(holder, "1928");
      await holder.verify("0000");
      assertProblem(await onPin(holder, "unblock", {}), [409, "conflict"]);
      assert.equal((await holder.card()).pin.remainingAttempts, 2);
      assert.equal((await holder.auditEvents()).at(-1).code, "conflict");
    });

    test("with a body that nobody asked for", async () => {
      const holder = await freshCardholder();
      assertProblem(await onPin(holder, "unblock", { force: true }), [400, "request_invalid"]);
    });
  });

  describe("a program of its own", () => {
    test("six digits, and no other number of them", async () => {
      const holder = await cardholderIn({ policy: { minLength: 6, maxLength: 6 } });
      const device = await holder.bindDevice();
      for (const digits of ["1928", "19284", "1928475"])
        assert.equal((await holder.changePin(digits, device)).body.errors[0].code, "invalid_pin");
      assert.equal((await holder.changePin("192847", device)).status, 204);
      assert.deepEqual(await resultOf(holder.verify("192847")), ["match", 3]);
    });

    test("of former PINs, the last three may not come back", async () => {
      const holder = await cardholderIn({ policy: { formerPins: 3 } });
      const device = await withPin(holder, "1928");
      const change = async (digits: string) => (await holder.changePin(digits, device)).status;
      assert.equal(await change("1928"), 422);
      assert.equal(await change("2846"), 204);
      assert.equal(await change("3957"), 204);
      assert.equal(await change("1928"), 422);
      assert.equal((await holder.auditEvents()).at(-1).code, "pin_reused");
      assert.equal(await change("4068"), 204);
      assert.equal(await change("2846"), 422);
      assert.equal(await change("1928"), 204);
    });

    test("a chip that keeps the PIN is behind until it is reported", async () => {
      const holder = await cardholderIn({ chipKeepsPin: true });
      assertProblem(await onPin(holder, "chip-synced"), [409, "pin_not_set"]);
      const device = await withPin(holder, "1928");
      assert.equal((await holder.card()).pin.chip, "pending");
      const synced = await onPin(holder, "chip-synced");
      assert.deepEqual([synced.status, synced.body.pin.chip], [200, "in_sync"]);
      assert.equal((await holder.auditEvents()).at(-1).operation, "issuer.pin.chip_synced");
      assert.equal((await holder.changePin("2846", device)).status, 204);
      assert.equal((await holder.card()).pin.chip, "pending");
    });

    test("a report that names a version does not stand for a PIN that came after it", async () => {
      const holder = await cardholderIn({ chipKeepsPin: true });
      const device = await withPin(holder, "1928");
      assert.equal((await holder.changePin("2846", device)).status, 204);
      const report = async (body: unknown) =>
        holder.operator("POST", `/cards/${holder.sandbox.issuer.cardId}/pin/chip-synced`, body);
      assert.equal((await report({ version: 1 })).body.pin.chip, "pending");
      assertProblem(await report({ version: 3 }), [400, "request_invalid", "version"]);
      assert.equal((await holder.auditEvents()).at(-1).code, "request_invalid");
      for (const version of [0, 1.5, "2", null])
        assertProblem(await report({ version }), [400, "request_invalid", "version"]);
      assertProblem(await report({ version: 2, pin: "2846" }), [400, "request_invalid"]);
      assert.equal((await holder.card()).pin.chip, "pending");
      assert.equal((await report({ version: 2 })).body.pin.chip, "in_sync");
      assert.equal((await report({ version: 1 })).body.pin.chip, "in_sync");
    });

    test("a change that does not unblock", async () => {
      const holder = await cardholderIn({ changeUnblocks: false, triesAllowed: 1 });
      const device = await withPin(holder, "1928");
      assert.deepEqual(await resultOf(holder.verify("0000")), ["mismatch", 0]);
      assert.equal((await holder.changePin("2846", device)).status, 204);
      assert.deepEqual((await holder.card()).pin, {
        status: "blocked",
        remainingAttempts: 0,
        version: 2,
        chip: "in_sync",
      });
      assert.deepEqual(await resultOf(holder.verify("2846")), ["blocked", 0]);
      assert.equal((await onPin(holder, "unblock")).status, 200);
      assert.deepEqual(await resultOf(holder.verify("2846")), ["match", 1]);
      await until(() => eventTypes(holder).length === 4);
      assert.deepEqual(eventTypes(holder), ["pin.changed", "pin.blocked", "pin.changed", "pin.unblocked"]);
    });
  });

  describe("generation", () => {
    test("the letter holds the PIN, and nothing else does", async () => {
      const holder = await cardholderIn({ policy: { minLength: 12, maxLength: 12, maxSameDigit: 12 } });
      const answer = await onPin(holder, "generate");
      assert.deepEqual([answer.status, answer.body], [200, await holder.card()]);
      assert.deepEqual(answer.body.pin, { status: "active", remainingAttempts: 3, version: 1, chip: "in_sync" });
      const digits = await letterTo(holder);
      assert.equal(digits.length, 12);
      assert.deepEqual(await resultOf(holder.verify(digits)), ["match", 3]);
      await until(() => eventTypes(holder).length === 1);
      const metrics = (await call("GET", `${issuer.url}/metrics`)).body;
      const seen = [
        answer.body,
        await holder.auditEvents(),
        receiver.deliveries.map(({ raw }) => raw),
        logged,
        metrics,
      ];
      assert.equal(JSON.stringify(seen).includes(digits), false);
      assert.ok(logged.some((line) => line.includes("/pin/generate")));
    });

    test("within the policy, former PINs included", async () => {
      const policy = { minLength: 4, maxLength: 4, maxSameDigit: 1, formerPins: 24, sequences: "refuse_any_order" };
      const holder = await cardholderIn({ policy: { ...policy, denyList: ["1928"] } });
      const drawn: string[] = [];
      for (let count = 0; count < 24; count++) {
        assert.equal((await onPin(holder, "generate")).status, 200);
        drawn.push(await letterTo(holder));
      }
      assert.equal(new Set(drawn).size, 24);
      for (const digits of drawn) assert.equal(new Set(digits).size, 4);
      assert.equal((await holder.card()).pin.version, 24);
    });

    test("a blocked PIN is unblocked by it", async () => {
      const holder = await freshCardholder();
      await withPin(holder, "1928");
      for (let attempt = 0; attempt < 3; attempt++) await holder.verify("0000");
      assert.equal((await onPin(holder, "generate")).body.pin.status, "active");
    });

    const untouched = { status: "not_set", remainingAttempts: 3, version: 0, chip: "in_sync" };

    test("a person without a number", async () => {
      const holder = await cardholderIn({}, null);
      assertProblem(await onPin(holder, "generate"), [409, "mobile_number_missing"]);
      assert.deepEqual((await holder.card()).pin, untouched);
      assert.equal((await holder.auditEvents()).at(-1).code, "mobile_number_missing");
    });

    test("a blocked card", async () => {
      const holder = await freshCardholder();
      await setState(holder, "blocked");
      assertProblem(await onPin(holder, "generate"), [409, "card_blocked"]);
      assert.deepEqual((await holder.card()).pin, untouched);
      const to = encodeURIComponent(holder.sandbox.solaris.mobileNumber);
      assert.deepEqual((await call("GET", `${issuer.url}/sandbox/messages?to=${to}`)).body, []);
    });

    test("a policy that no PIN passes", async () => {
      // Ten different digits are a sequence in some order.
      const policy = { minLength: 10, maxLength: 10, maxSameDigit: 1, sequences: "refuse_any_order" };
      const holder = await cardholderIn({ policy });
      assertProblem(await onPin(holder, "generate"), [409, "conflict"]);
      assert.deepEqual((await holder.card()).pin, untouched);
    });

    test("with a PIN that somebody chose", async () => {
      const holder = await freshCardholder();
      assertProblem(await onPin(holder, "generate", { pin: "1928" }), [400, "request_invalid"]);
      assert.deepEqual((await holder.card()).pin, untouched);
    });
  });
});
