import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import { signingKeyOf as importSigningKey } from "@linchpin/core/webcrypto";
import { OutboxReceiver } from "@linchpin/test-fixtures/issuer/outbox-receiver";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { until } from "@linchpin/test-fixtures/system/until";
import { AdyenCardholder, assertAdyenError } from "@linchpin/testing/adyen";
import { call } from "@linchpin/testing/call";
import { assertSolarisError, SolarisCardholder } from "@linchpin/testing/solaris";

const startsAt = new Date("2026-03-01T12:00:00.000Z");
const options = {
  clock: startsAt,
  seed: "a seed",
  environment: { LINCHPIN_REQUESTS_PER_MINUTE: "500", LINCHPIN_WRONG_SECRETS_PER_MINUTE: "5" },
};
const requestInvalid = (field: string | undefined) => (error: unknown) =>
  error instanceof LinchpinError && error.code === "request_invalid" && error.field === field;

describe("an issuer of @linchpin/testing", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer(options);
  });
  afterEach(() => issuer.reset());
  after(() => issuer.stop());

  const cardOf = async (cardId: string) => {
    const { baseUrl, apiKey } = issuer.credentials.issuer;
    return (await call("GET", `${baseUrl}/cards/${cardId}`, { bearer: apiKey })).body;
  };

  describe("its cards", () => {
    it("are fresh, without a PIN, where no state is asked for", async () => {
      const [one, other] = [await issuer.makeCard(), await issuer.makeCard()];
      assert.notEqual(one.issuer.cardId, other.issuer.cardId);
      assert.notEqual(one.solaris.mobileNumber, other.solaris.mobileNumber);
      assert.deepEqual((await cardOf(one.issuer.cardId)).pin.status, "not_set");
      assert.ok(!("device" in one));
    });

    it("have a known PIN, with no event of how it came there", async () => {
      const { issuer: card, ...protocols } = await issuer.makeCard({ pin: "4715" });
      assert.deepEqual((await cardOf(card.cardId)).pin, {
        status: "active",
        remainingAttempts: 3,
        version: 1,
        chip: "in_sync",
      });
      assert.deepEqual(await issuer.events(), []);
      const cardholder = await cardholderOf({ ...protocols, issuer: card });
      assert.equal((await cardholder.verify("4716")).body.result, "mismatch");
      assert.equal((await cardholder.verify("4715")).body.result, "match");
    });

    it("have as many tries as are left, and block the PIN at none", async () => {
      for (const triesLeft of [0, 1, 2, 3]) {
        const { issuer: card } = await issuer.makeCard({ pin: "4715", triesLeft });
        const { status, remainingAttempts } = (await cardOf(card.cardId)).pin;
        assert.deepEqual([status, remainingAttempts], [triesLeft === 0 ? "blocked" : "active", triesLeft]);
      }
      const last = await cardholderOf(await issuer.makeCard({ pin: "4715", triesLeft: 1 }));
      assert.equal((await last.verify("4716")).body.result, "mismatch");
      assert.equal((await last.verify("4715")).body.result, "blocked");
    });

    it("have a chip that waits for the PIN, and are blocked or terminated", async () => {
      const { issuer: pending } = await issuer.makeCard({ pin: "4715", chip: "pending" });
      assert.equal((await cardOf(pending.cardId)).pin.chip, "pending");
      for (const state of ["blocked", "terminated"] as const) {
        const { issuer: card } = await issuer.makeCard({ pin: "4715", state });
        assert.equal((await cardOf(card.cardId)).state, state);
      }
    });

    it("have a device whose key signs a change of the PIN", async () => {
      const { device, ...card } = await issuer.makeCard({ pin: "4715", device: "bound" });
      assert.ok(device);
      const key = await signingKeyOf(device);
      const cardholder = await cardholderOf(card);
      assert.equal((await cardholder.changePin("8264", { deviceId: device.deviceId, key })).status, 204);
      assert.equal((await cardholder.verify("8264")).body.result, "match");
      const other = await issuer.makeCard({ device: "bound" });
      assert.notEqual(other.device?.d, device.d);
      const foreign = { deviceId: device.deviceId, key: await signingKeyOf(other.device) };
      assertSolarisError(await cardholder.changePin("8265", foreign), 422, "invalid_signature");
    });

    it("are refused in a state that is not documented", async () => {
      const make = (state: object) => issuer.makeCard(state);
      await assert.rejects(make({ pin: "471" }), requestInvalid("pin"));
      await assert.rejects(make({ pin: "47a5" }), requestInvalid("pin"));
      await assert.rejects(make({ pin: 4715 }), requestInvalid("pin"));
      await assert.rejects(make({ pin: "4715", triesLeft: 4 }), requestInvalid("triesLeft"));
      await assert.rejects(make({ triesLeft: 1 }), requestInvalid("pin"));
      await assert.rejects(make({ chip: "pending" }), requestInvalid("pin"));
      await assert.rejects(make({ pin: "4715", chip: "melted" }), requestInvalid("chip"));
      await assert.rejects(make({ state: "lost" }), requestInvalid("state"));
      await assert.rejects(make({ device: "stolen" }), requestInvalid("device"));
      await assert.rejects(make({ colour: "blue" }), requestInvalid("colour"));
    });

    it("are refused with what is allowed", async () => {
      const reason = (words: string) => ({ reason: words });
      const known = "pin, triesLeft, chip, state, device";
      await assert.rejects(
        issuer.makeCard({ colour: "blue" } as object),
        reason(`colour: not documented; what is: ${known}`),
      );
      await assert.rejects(
        issuer.makeCard({ state: "lost" } as object),
        reason("must be one of active, blocked, terminated"),
      );
      await assert.rejects(issuer.makeCard({ pin: "4715", triesLeft: 9 }), reason("must be <= 3"));
      const fault = { protocol: "adyen", status: 418 } as object as Parameters<typeof issuer.faults.next>[0];
      const statuses = "must be one of 429, 500, 503, timeout, reset, unavailable, pending";
      assert.throws(() => issuer.faults.next(fault), reason(statuses));
      const filter = { protcol: "adyen" } as object;
      assert.throws(() => issuer.requests(filter), reason("protcol: not documented; what is: protocol, cardId"));
    });

    it("come again with the seed, and not with another", async () => {
      const draw = async () => {
        const { device, ...card } = await issuer.makeCard({ device: "bound" });
        const cardholder = await cardholderOf(await issuer.makeCard());
        await cardholder.beginBinding();
        return { card, device, code: await cardholder.newestOtp() };
      };
      const first = await draw();
      const next = await draw();
      assert.notDeepEqual(next.card, first.card);
      assert.notEqual(next.code, first.code);
      await issuer.reset();
      assert.deepEqual(await draw(), first);
      const drawElsewhere = async (seed: string) => {
        const other = await startSandboxIssuer({ ...options, seed });
        try {
          return (await other.makeCard({ device: "bound" })) as Partial<typeof first.card> & { device?: object };
        } finally {
          await other.stop();
        }
      };
      const again = await drawElsewhere(options.seed);
      assert.deepEqual([again.device, again.solaris?.["personId"]], [first.device, first.card.solaris["personId"]]);
      const another = await drawElsewhere("another seed");
      assert.notEqual(another.solaris?.["personId"], first.card.solaris["personId"]);
      assert.notDeepEqual(another.device, first.device);
    });
  });

  describe("its clock", () => {
    it("stands still until it is advanced", async () => {
      assert.deepEqual(issuer.clock.now(), startsAt);
      assert.deepEqual(await issuer.clock.advance("6m"), new Date("2026-03-01T12:06:00.000Z"));
      await issuer.clock.advance("500ms");
      assert.equal(issuer.clock.now().toISOString(), "2026-03-01T12:06:00.500Z");
    });

    it("goes neither back nor by anything that is no duration", async () => {
      for (const duration of ["-6m", "6", "m", "6 m", "1.5h", "6M", "", "1w", "9999999999999999d", "999999999999999d"])
        await assert.rejects(issuer.clock.advance(duration), requestInvalid("advance"));
      assert.deepEqual(issuer.clock.now(), startsAt);
    });

    it("ends an OTP after five minutes, and a token after an hour", async () => {
      const cardholder = await cardholderOf(await issuer.makeCard());
      const { challengeId, key } = await cardholder.beginBinding();
      const otp = await cardholder.newestOtp();
      await issuer.clock.advance("6m");
      assertSolarisError(await cardholder.proveBinding(challengeId, key, otp), 409, "challenge_ended");
      await issuer.clock.advance("1h");
      assert.equal((await cardholder.partner("GET", "/v1/cards/pin_keys/latest")).status, 401);
      assert.equal((await (await cardholder.renewed()).partner("GET", "/v1/cards/pin_keys/latest")).status, 200);
    });

    it("ends a TAN and the change that it would confirm", async () => {
      const cardholder = await cardholderOf(await issuer.makeCard());
      const { body } = await cardholder.requestChange("4715");
      const person_id = cardholder.sandbox.solaris.personId;
      const path = `/v1/change_requests/${body.id}`;
      await cardholder.partner("POST", `${path}/authorize`, { person_id, delivery_method: "mobile_number" });
      const tan = await cardholder.newestOtp();
      await issuer.clock.advance("30m");
      const late = await cardholder.partner("POST", `${path}/confirm`, { person_id, tan });
      assert.ok(late.status >= 400, JSON.stringify(late.body));
      assert.equal((await cardholder.card()).pin.status, "not_set");
    });

    it("brings what the outbox tries again", async () => {
      const receiver = new OutboxReceiver();
      let [isUp, taken] = [false, 0];
      receiver.answer = () => {
        if (isUp) taken++;
        return isUp ? 204 : 503;
      };
      const eventsUrl = await receiver.listen();
      const environment = { LINCHPIN_EVENTS_URL: eventsUrl, LINCHPIN_EVENTS_SECRET: "s".repeat(32) };
      const other = await startSandboxIssuer({ ...options, environment });
      try {
        const holder = await AdyenCardholder.create(other.url);
        await holder.changePin("4715");
        for (let tries = 0; receiver.deliveries.length === 0 && tries < 600; tries++) await sleep(100);
        assert.ok(receiver.deliveries.length > 0, "a first attempt within a minute");
        isUp = true;
        // The time stands still: without an advance nothing is tried again.
        for (let tries = 0; taken === 0 && tries < 20; tries++) await other.clock.advance("2h");
        assert.ok(taken > 0, "a later attempt, once the clock has reached it");
        assert.equal(receiver.deliveries.at(-1)?.body.type, "pin.changed");
      } finally {
        await other.stop();
        receiver.close();
      }
    });

    it("ends the grace period of a rotated key", async () => {
      const { device, ...card } = await issuer.makeCard({ device: "bound" });
      const key = await signingKeyOf(device);
      const bound = { deviceId: device?.deviceId ?? "", key };
      const cardholder = await cardholderOf(card);
      const sealed = await cardholder.sealAndSign("4715", bound);
      const late = await cardholder.sealAndSign("8264", bound);
      await cardholder.operator("POST", "/keys/solaris-pin/rotate");
      assert.equal((await cardholder.sendChange(sealed)).status, 204);
      await issuer.clock.advance("400d");
      assertSolarisError(await (await cardholder.renewed()).sendChange(late), 422, "expired_key_id");
    });

    it("moves the windows of limits", async () => {
      const cardholder = await cardholderOf(await issuer.makeCard({ pin: "4715" }));
      const wrong = async () => {
        const other = await cardholderOf(await issuer.makeCard({ pin: "4715" }));
        return (await other.verify("4716")).status;
      };
      for (let count = 0; count < 5; count++) assert.equal(await wrong(), 200);
      assert.equal(await wrong(), 429);
      await issuer.clock.advance("1m");
      assert.equal(await wrong(), 200);
      const isLimited = async () => (await cardholder.operator("GET", "/keys")).status === 429;
      let count = 0;
      while (count < 600 && !(await isLimited())) count++;
      assert.ok(count < 600);
      await issuer.clock.advance("1m");
      assert.equal(await isLimited(), false);
    });

    it("is set back by a reset, which forgets the limits too", async () => {
      const wrong = async () => {
        const other = await cardholderOf(await issuer.makeCard({ pin: "4715" }));
        return (await other.verify("4716")).status;
      };
      for (let count = 0; count < 5; count++) assert.equal(await wrong(), 200);
      assert.equal(await wrong(), 429);
      await issuer.reset();
      assert.equal(await wrong(), 200);
      assert.deepEqual(issuer.clock.now(), startsAt);
    });

    it("lets maintenance follow", async () => {
      const cardholder = await cardholderOf(await issuer.makeCard());
      const { body } = await cardholder.requestChange("4715");
      await issuer.clock.advance("30d");
      const events = await cardholder.auditEvents();
      assert.ok(events.length > 0, `${body.id}`);
      const { body: keys } = await cardholder.operator("GET", "/keys");
      assert.ok(keys.length > 0);
      await issuer.clock.advance("3650d");
      const { body: later } = await cardholder.operator("GET", "/keys");
      assert.ok(later.length > keys.length, "keys whose last day is published were rotated");
    });
  });

  describe("its faults", () => {
    const callOf = (protocol: string, path: string) => call("GET", `${issuer.url}${path}`, { bearer: protocol });
    const plumeryPath = "/plumery/x";

    it("answer with a status in each protocol's own shape, as often as was said", async () => {
      const credentials = Object.entries(issuer.credentials) as [
        keyof typeof issuer.credentials,
        { baseUrl: string },
      ][];
      assert.ok(credentials.length >= 7);
      for (const [protocol, { baseUrl }] of credentials)
        for (const status of [429, 500, 503] as const) {
          issuer.faults.next({ protocol, status, times: 2 });
          const path = `${new URL(baseUrl).pathname}/x`;
          const answers = [await callOf(protocol, path), await callOf(protocol, path), await callOf(protocol, path)];
          assert.deepEqual(
            answers.map((answer) => answer.status === status),
            [true, true, false],
            `${protocol} ${status}`,
          );
          assert.equal(typeof answers[0]?.body, "object");
        }
    });

    it("concern their protocol and path alone", async () => {
      issuer.faults.next({ protocol: "adyen", status: 503, path: "/pins/change" });
      const cardholder = await AdyenCardholder.create(issuer.url);
      const sealed = await cardholder.seal("4715");
      assertAdyenError(await cardholder.sendChange(sealed), 503, "00_503");
      assert.equal((await cardholder.sendChange(sealed)).status, 200);
    });

    it("leave a request without an answer, or reset its connection, before or after the work", async () => {
      for (const status of ["timeout", "reset"] as const)
        for (const loses of ["request", "answer"] as const) {
          const cardholder = await AdyenCardholder.create(issuer.url);
          const sealed = await cardholder.seal("4715");
          issuer.faults.next({ protocol: "adyen", status, loses });
          await assert.rejects(
            fetch(`${cardholder.baseUrl}/pins/change`, {
              method: "POST",
              headers: { "x-api-key": cardholder.apiKey, "content-type": "application/json" },
              body: JSON.stringify(sealed),
              signal: AbortSignal.timeout(500),
            }),
            status === "timeout" ? { name: "TimeoutError" } : TypeError,
          );
          const { pin } = await cardOf(cardholder.cardId);
          assert.equal(pin.status, loses === "answer" ? "active" : "not_set", `${status} ${loses}`);
        }
    });

    it("hold a request whose client resets its connection, and nothing fails of that", async () => {
      issuer.faults.next({ protocol: "adyen", status: "timeout" });
      const { hostname, port } = new URL(issuer.url);
      const client = connect(Number(port), hostname);
      client.write(`GET /adyen/bcl/v2/publicKey HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
      await until(() => issuer.requests({ protocol: "adyen" }).length > 0);
      client.resetAndDestroy();
      await sleep(100); // an unhandled rejection would end this process
      assert.equal((await fetch(`${issuer.url}/health/live`)).status, 200);
    });

    it("are Adyen's unavailable and pending", async () => {
      const cardholder = await AdyenCardholder.create(issuer.url);
      issuer.faults.next({ protocol: "adyen", status: "unavailable" });
      issuer.faults.next({ protocol: "adyen", status: "pending" });
      const sealed = await cardholder.seal("4715");
      assert.deepEqual((await cardholder.sendChange(sealed)).body, { status: "unavailable" });
      assert.equal((await cardOf(cardholder.cardId)).pin.status, "not_set");
      assert.deepEqual((await cardholder.sendChange(sealed)).body, { status: "pending" });
      assert.equal(await cardholder.revealedPin(), "4715");
      assert.deepEqual((await cardholder.changePin("8264")).body, { status: "completed" });
    });

    it("delay an answer", async () => {
      issuer.faults.next({ protocol: "plumery", delayMs: 120 });
      const startedAt = performance.now();
      await callOf("plumery", plumeryPath);
      assert.ok(performance.now() - startedAt >= 100);
    });

    it("are refused where they can not be", () => {
      const next = (fault: object) => () => issuer.faults.next(fault as Parameters<typeof issuer.faults.next>[0]);
      assert.throws(next({ protocol: "visa", status: 503 }), requestInvalid("protocol"));
      assert.throws(next({ protocol: "sandbox", status: 503 }), requestInvalid("protocol"));
      assert.throws(next({ status: 503 }), requestInvalid("protocol"));
      assert.throws(next({ protocol: "adyen" }), requestInvalid("status"));
      assert.throws(next({ protocol: "adyen", status: 404 }), requestInvalid("status"));
      assert.throws(next({ protocol: "solaris", status: "pending" }), requestInvalid("status"));
      assert.throws(next({ protocol: "adyen", status: 503, loses: "answer" }), requestInvalid("loses"));
      assert.throws(next({ protocol: "adyen", status: 503, times: 0 }), requestInvalid("times"));
      assert.throws(next({ protocol: "adyen", delayMs: -1 }), requestInvalid("delayMs"));
      assert.throws(next({ protocol: "adyen", status: 503, colour: "blue" }), requestInvalid("colour"));
    });

    it("go with reset and clear", async () => {
      issuer.faults.next({ protocol: "plumery", status: 503 });
      issuer.faults.clear();
      assert.notEqual((await callOf("plumery", plumeryPath)).status, 503);
      issuer.faults.next({ protocol: "plumery", status: 503 });
      await issuer.reset();
      assert.notEqual((await callOf("plumery", plumeryPath)).status, 503);
    });
  });

  describe("its journal", () => {
    it("has each request with who called, about which card, and what came of it", async () => {
      const cardholder = await AdyenCardholder.create(issuer.url);
      await cardholder.changePin("4715");
      await cardholder.partner("POST", "/pins/change", {});
      issuer.faults.next({ protocol: "adyen", status: 503 });
      await cardholder.partner("GET", "/publicKey?purpose=pinChange");
      const found = issuer.requests({ protocol: "adyen" });
      assert.deepEqual(
        found.map(({ route, status, refusal, caller, cardId }) => [route, status, refusal, caller, cardId]),
        [
          ["/adyen/bcl/v2/publicKey", 200, null, "sandbox-adyen", null],
          ["/adyen/bcl/v2/pins/change", 200, null, "sandbox-adyen", cardholder.cardId],
          ["/adyen/bcl/v2/pins/change", 422, "request_invalid", "sandbox-adyen", null],
          ["/adyen/bcl/v2/publicKey", 503, "unavailable", null, null],
        ],
      );
      assert.deepEqual(found[3]?.fault, { status: 503, delayMs: 0, loses: "request" });
      assert.equal(issuer.requests({ cardId: cardholder.cardId }).length, 1);
      assert.deepEqual(issuer.requests({ protocol: "visa" }), []);
    });

    it("never holds a PIN, a code, a key or a token, wherever it was put", async () => {
      const [pin, secret] = ["90817263", "planted-secret-7af3"];
      const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
      const cardholder = await cardholderOf(await issuer.makeCard({ pin }));
      await cardholder.beginBinding();
      const code = await cardholder.newestOtp();
      const { baseUrl } = sandbox.solaris;
      for (const planted of [pin, secret, code, cardholder.token]) {
        const headers = { "x-api-key": planted, "x-client-public-key": planted, "x-forwarded-for": planted };
        await call("GET", `${baseUrl}/v1/cards/${planted}/pin?pin=${planted}`, { bearer: planted, headers });
        await call("POST", `${baseUrl}/v1/${planted}`, { bearer: cardholder.token, body: { [planted]: planted } });
        await cardholder.partner("POST", `/v1/cards/${planted}/pin_update_requests`, { encrypted_pin: planted });
        await call("POST", `${baseUrl}/oauth2/token`, { body: `client_id=${planted}&client_secret=${planted}` });
        await call("GET", `${issuer.url}/issuer/v1/cards/${planted}`, { bearer: planted });
      }
      const protocols = Object.entries<Record<string, string>>(sandbox);
      for (const [name, { baseUrl: base = "", apiKey = secret, clientSecret = secret }] of protocols)
        for (const planted of [pin, apiKey, clientSecret]) {
          const headers = { "x-api-key": planted, "api-key": planted, sessionid: planted, "idempotency-key": planted };
          await call("GET", `${base}/v1/cards/${planted}/pin?pin=${planted}`, { bearer: planted, headers });
          for (const path of [`/cards/${planted}/pin`, "/operations", "/pins/change", "/token"])
            await call("POST", `${base}${path}`, { bearer: apiKey, headers, body: { pin: planted, [planted]: name } });
        }
      const journal = JSON.stringify(issuer.requests());
      for (const [name, { apiKey, clientSecret }] of protocols) {
        assert.ok(issuer.requests({ protocol: name }).length >= 15, name);
        for (const credential of [apiKey, clientSecret])
          if (credential !== undefined) assert.ok(!journal.includes(credential), credential);
      }
      for (const planted of [pin, secret, code, cardholder.token]) assert.ok(!journal.includes(planted), planted);
      // The search would find one.
      assert.ok(JSON.stringify([...issuer.requests(), { route: `/solaris/${pin}` }]).includes(pin));
    });

    it("leaves out the sandbox's own requests", async () => {
      await call("GET", `${issuer.url}/sandbox`);
      await call("GET", `${issuer.url}/health/ready`);
      await call("GET", `${issuer.url}/solarisx/`);
      assert.deepEqual(issuer.requests(), []);
    });
  });

  it("has messages and events as they go out", async () => {
    const { device, ...card } = await issuer.makeCard({ device: "bound" });
    const cardholder = await cardholderOf(card);
    await cardholder.beginBinding();
    const number = card.solaris.mobileNumber;
    const [message, ...others] = await issuer.messages(number);
    assert.deepEqual([message?.to, message?.channel, others.length], [number, "sms", 0]);
    assert.deepEqual(await issuer.messages("+15550000"), []);
    const bound = { deviceId: device?.deviceId ?? "", key: await signingKeyOf(device) };
    assert.equal((await cardholder.changePin("4715", bound)).status, 204);
    const events = (await issuer.events()).map(({ type, cardId }) => [type, cardId]);
    assert.deepEqual(events, [["pin.changed", card.issuer.cardId]]);
  });

  it("is after a reset as at its start", async () => {
    const { credentials } = issuer;
    const cardholder = await AdyenCardholder.create(issuer.url);
    const keys = async () => (await cardholder.operator("GET", "/keys")).body.map(({ id }: { id: string }) => id);
    const keysAtStart = await keys();
    const sealed = await cardholder.seal("4715");
    assert.equal((await cardholder.sendChange(sealed)).status, 200);
    await cardholder.operator("POST", "/keys/adyen-pin-change/rotate");
    await issuer.clock.advance("2h");
    issuer.faults.next({ protocol: "plumery", status: "timeout" });
    const lost = assert.rejects(fetch(`${issuer.url}/plumery/x`), TypeError);
    await until(() => issuer.requests({ protocol: "plumery" }).length > 0);
    await issuer.reset();
    await lost;
    assert.deepEqual(issuer.credentials, credentials);
    assert.deepEqual(issuer.clock.now(), startsAt);
    assert.deepEqual(await issuer.events(), []);
    assert.deepEqual(await issuer.messages(), []);
    assert.deepEqual(issuer.requests(), []);
    assert.equal((await cardholder.operator("GET", `/cards/${cardholder.cardId}`)).status, 404);
    assert.deepEqual(await keys(), keysAtStart);
    assert.equal((await call("GET", `${issuer.url}/sandbox/audit-chain`)).body.intact, true);
    assert.equal((await call("GET", `${issuer.url}/health/ready`)).status, 200);
    // Its replay mark is gone with everything else: only the card is another one.
    assertAdyenError(await cardholder.sendChange(sealed), 422, "30_031");
    const fresh = await AdyenCardholder.create(issuer.url);
    assert.deepEqual((await fresh.changePin("4715")).body, { status: "completed" });
  });
});

async function cardholderOf(sandbox: object): Promise<SolarisCardholder> {
  return SolarisCardholder.of(sandbox);
}

async function signingKeyOf(jwk: object | undefined) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { deviceId, ...key } = { deviceId: "", ...jwk };
  const { d, ...publicKey } = { d: "", ...key };
  return importSigningKey({
    privateKey: await crypto.subtle.importKey("jwk", { ...publicKey, d }, algorithm, false, ["sign"]),
    publicKey: await crypto.subtle.importKey("jwk", publicKey, algorithm, true, ["verify"]),
  });
}
