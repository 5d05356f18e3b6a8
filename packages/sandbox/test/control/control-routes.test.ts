import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { until } from "@linchpin/test-fixtures/system/until";
import { call } from "@linchpin/testing/call";

const controlled = ["/cards", "/clock", "/faults", "/messages", "/outbox-events", "/requests", "/reset"];

describe("the sandbox's control over HTTP", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({ clock: new Date("2026-03-01T12:00:00.000Z") });
  });
  afterEach(() => issuer.reset());
  after(() => issuer.stop());
  const ask = (method: string, path: string, body?: unknown) => call(method, `${issuer.url}/sandbox${path}`, { body });
  const assertRefused = async (method: string, path: string, body: unknown, field?: string) => {
    const answer = await ask(method, path, body);
    const told = [answer.status, answer.body.code, answer.body.field];
    assert.deepEqual(told, [400, "request_invalid", field], `${method} ${path} ${JSON.stringify(body)}`);
  };

  it("makes a card in a state, and refuses a member that is not documented", async () => {
    const { status, body } = await ask("POST", "/cards", { pin: "4715", triesLeft: 0, device: "bound" });
    assert.equal(status, 201);
    const bearer = body.issuer.apiKey;
    const { pin } = (await call("GET", `${body.issuer.baseUrl}/cards/${body.issuer.cardId}`, { bearer })).body;
    assert.deepEqual([pin.status, pin.remainingAttempts], ["blocked", 0]);
    assert.deepEqual(Object.keys(body.device).toSorted(), ["crv", "d", "deviceId", "kty", "x", "y"]);
    assert.equal((await ask("POST", "/cards")).status, 201);
    assert.equal((await ask("POST", "/cards", {})).status, 201);
    await assertRefused("POST", "/cards", { colour: "blue" });
    await assertRefused("POST", "/cards", { pin: "47151234567890" }, "pin");
    await assertRefused("POST", "/cards", { pin: "4715", triesLeft: -1 }, "triesLeft");
    await assertRefused("POST", "/cards", { pin: "4715", triesLeft: "1" }, "triesLeft");
    await assertRefused("POST", "/cards", { triesLeft: 1 }, "pin");
    await assertRefused("POST", "/cards", { state: "lost" }, "state");
    await assertRefused("POST", "/cards", []);
  });

  it("says of what it refuses which member it is, and what is allowed", async () => {
    const allowedOfCard = "pin, triesLeft, chip, state, device";
    const statuses = "429, 500, 503, timeout, reset, unavailable, pending";
    for (const [path, body, detail] of [
      ["/cards", { colour: "blue" }, `colour: not documented; what is: ${allowedOfCard}`],
      ["/cards", { pin: "4715", triesLeft: 9 }, "must be <= 3"],
      ["/cards", { state: "lost" }, "must be one of active, blocked, terminated"],
      ["/cards", [], "must be object or null"],
      ["/reset", { cards: true }, "cards: not documented; what is: "],
      ["/faults", { protocol: "adyen", status: 418 }, `must be one of ${statuses}`],
      ["/faults", { protocol: "adyen", status: "slow" }, `must be one of ${statuses}`],
      ["/faults", { protocol: "adyen", status: "reset", loses: "all" }, "must be one of request, answer"],
    ] as const)
      assert.equal((await ask("POST", path, body)).body.detail, detail, `${path} ${JSON.stringify(body)}`);
    const { body } = await ask("GET", "/requests?colour=blue");
    assert.equal(body.detail, "colour: not documented; what is: protocol, cardId, _");
    const bearer = issuer.credentials.issuer.apiKey;
    const pins = `${issuer.url}/issuer/v1/cards/${issuer.credentials.issuer.cardId}/pin`;
    const told = async (at: string, asked: object) => {
      const answer = await call("POST", `${pins}/${at}`, { bearer, body: asked });
      return [answer.status, answer.body.field, answer.body.detail];
    };
    assert.deepEqual(await told("chip-synced", { version: "1" }), [400, "version", "must be integer"]);
    const unknown = "colour: not documented; what is: version";
    assert.deepEqual(await told("chip-synced", { colour: "blue" }), [400, undefined, unknown]);
  });

  it("advances the clock, and never back", async () => {
    assert.deepEqual((await ask("GET", "/clock")).body, { now: "2026-03-01T12:00:00.000Z" });
    assert.deepEqual((await ask("POST", "/clock", { advance: "6m" })).body, { now: "2026-03-01T12:06:00.000Z" });
    for (const advance of ["-6m", "6", "", "6 m", 360]) await assertRefused("POST", "/clock", { advance }, "advance");
    await assertRefused("POST", "/clock", { advance: "999999999999999d" }, "advance");
    await assertRefused("POST", "/clock", { advance: "6m", now: "2020-01-01" });
    await assertRefused("POST", "/clock", {}, "advance");
    assert.deepEqual((await ask("GET", "/clock")).body, { now: "2026-03-01T12:06:00.000Z" });
  });

  it("lets requests meet faults, lists those that wait, and forgets them", async () => {
    const fault = { protocol: "solaris", status: 503, times: 2 };
    assert.deepEqual((await ask("POST", "/faults", fault)).status, 201);
    assert.equal((await call("GET", `${issuer.url}/solaris/v1/x`)).status, 503);
    assert.deepEqual((await ask("GET", "/faults")).body, [{ ...fault, times: 1 }]);
    assert.equal((await ask("DELETE", "/faults")).status, 204);
    assert.deepEqual((await ask("GET", "/faults")).body, []);
    assert.notEqual((await call("GET", `${issuer.url}/solaris/v1/x`)).status, 503);
    await assertRefused("POST", "/faults", { protocol: "visa", status: 503 }, "protocol");
    await assertRefused("POST", "/faults", { protocol: "solaris", status: "pending" }, "status");
    await assertRefused("POST", "/faults", { protocol: "solaris" }, "status");
    await assertRefused("POST", "/faults", { protocol: "solaris", status: 503, colour: "blue" });
    await assertRefused("POST", "/faults", { status: 503 }, "protocol");
    assert.deepEqual((await ask("GET", "/faults")).body, []);
  });

  it("shows the journal, by protocol and card, and no filter that is not documented", async () => {
    await call("GET", `${issuer.url}/adyen/bcl/v2/publicKey`);
    await call("GET", `${issuer.url}/issuer/v1/keys`, { bearer: "nobody" });
    const { body } = await ask("GET", "/requests?protocol=adyen");
    assert.deepEqual(
      body.map(({ route, status }: { route: string; status: number }) => [route, status]),
      [["/adyen/bcl/v2/publicKey", 401]],
    );
    assert.equal((await ask("GET", "/requests")).body.length, 2);
    assert.deepEqual((await ask("GET", "/requests?cardId=none")).body, []);
    assert.equal((await ask("GET", "/requests?colour=blue")).status, 400);
  });

  it("resets, and takes no member that is not documented", async () => {
    const { body: card } = await ask("POST", "/cards");
    await ask("POST", "/clock", { advance: "6m" });
    await assertRefused("POST", "/reset", { cards: true });
    assert.deepEqual((await ask("GET", "/clock")).body, { now: "2026-03-01T12:06:00.000Z" });
    assert.equal((await ask("POST", "/reset")).status, 204);
    assert.deepEqual((await ask("GET", "/clock")).body, { now: "2026-03-01T12:00:00.000Z" });
    const bearer = card.issuer.apiKey;
    const gone = await call("GET", `${card.issuer.baseUrl}/cards/${card.issuer.cardId}`, { bearer });
    assert.equal(gone.status, 404);
    assert.deepEqual((await ask("GET", "/outbox-events")).body, []);
    assert.deepEqual((await ask("GET", "/messages")).body, []);
  });

  it("answers what comes during a reset when it is over", { timeout: 60_000 }, async () => {
    const { body: sandbox } = await ask("GET", "");
    const bearer = sandbox.issuer.apiKey;
    const readCard = () => call("GET", `${sandbox.issuer.baseUrl}/cards/${sandbox.issuer.cardId}`, { bearer });
    const resets = [ask("POST", "/reset"), ask("POST", "/reset")];
    const isOver = Promise.all(resets).then(() => true);
    const statuses = new Set<number>();
    do statuses.add((await readCard()).status);
    while (!(await Promise.race([isOver, false])));
    assert.deepEqual([...statuses], [200]);
    assert.deepEqual([...new Set((await Promise.all(resets)).map(({ status }) => status))], [204]);
  });

  /** Sends a request but for its body. */
  const sendHead = async (head: string, bearer: string, body: string) => {
    const { hostname, port } = new URL(issuer.url);
    const socket = connect(Number(port), hostname);
    const headers = ["host: localhost", `authorization: Bearer ${bearer}`, "content-type: application/json"];
    socket.write([head, ...headers, `content-length: ${body.length}`, "connection: close", "", ""].join("\r\n"));
    await until(() => issuer.requests().length === 1);
    return socket;
  };

  it("answers what is under way before it resets", { timeout: 60_000 }, async () => {
    const { body: card } = await ask("POST", "/cards");
    const body = '{"state":"blocked"}';
    const { cardId, apiKey } = card.issuer;
    const socket = await sendHead(`PATCH /issuer/v1/cards/${cardId} HTTP/1.1`, apiKey, body);
    const reset = issuer.reset();
    await sleep(500); // longer than a reset takes
    socket.write(body);
    assert.match(await text(socket), /^HTTP\/1.1 200 /);
    await reset;
    const bearer = apiKey;
    assert.equal((await call("GET", `${card.issuer.baseUrl}/cards/${cardId}`, { bearer })).status, 404);
  });

  it("resets though a request's body does not come", { timeout: 60_000 }, async () => {
    const { body: sandbox } = await ask("GET", "");
    const socket = await sendHead("POST /issuer/v1/cards HTTP/1.1", sandbox.issuer.apiKey, "{}");
    assert.equal((await ask("POST", "/reset")).status, 204);
    socket.destroy();
  });

  it("finds requests whose path is percent-encoded", async () => {
    await ask("POST", "/faults", { protocol: "adyen", status: 503, path: "/publicKey" });
    assert.equal((await call("GET", `${issuer.url}/%61dyen/bcl/v2/public%4Bey?purpose=pinChange`)).status, 503);
    assert.equal((await call("GET", `${issuer.url}/%69ssuer/v1/keys`)).status, 401);
    const { body } = await ask("GET", "/requests");
    assert.deepEqual(
      body.map(({ protocol, route }: { protocol: string; route: string }) => [protocol, route]),
      [
        ["adyen", "/adyen/bcl/v2/publicKey"],
        ["issuer", "/issuer/v1/keys"],
      ],
    );
  });

  it("lets no page of another port or scheme of this machine change anything", async () => {
    const { host, port } = new URL(issuer.url);
    for (const origin of [`http://127.0.0.1:${Number(port) - 1}`, "http://127.0.0.1", `https://${host}`, "null"])
      for (const [path, body] of Object.entries({ "/clock": { advance: "6m" }, "/cards": {}, "/reset": {} }))
        assert.equal(await postFrom(`${issuer.url}/sandbox${path}`, { host, origin }, body), 403, `${origin} ${path}`);
    assert.deepEqual((await ask("GET", "/clock")).body, { now: "2026-03-01T12:00:00.000Z" });
    assert.equal(
      await postFrom(`${issuer.url}/sandbox/clock`, { host, origin: `http://${host}` }, { advance: "6m" }),
      200,
    );
  });

  it("refuses a page and a name of elsewhere, and changes nothing", async () => {
    const { host, port } = new URL(issuer.url);
    for (const headers of [{ host: `attacker.example:${port}` }, { host, origin: "https://attacker.example" }])
      for (const [path, body] of Object.entries({
        "/clock": { advance: "6m" },
        "/faults": { protocol: "adyen", status: 503 },
        "/cards": {},
        "/reset": {},
      })) {
        const code = await postFrom(`${issuer.url}/sandbox${path}`, headers, body);
        assert.equal(code, 403, `${path} ${code}`);
      }
    assert.deepEqual((await ask("GET", "/clock")).body, { now: "2026-03-01T12:00:00.000Z" });
    assert.deepEqual((await ask("GET", "/faults")).body, []);
  });

  it("is documented", async () => {
    const { paths } = (await call("GET", `${issuer.url}/openapi.json`)).body;
    for (const path of controlled) {
      const operations = Object.entries<{ summary?: string }>(paths[`/sandbox${path}`]);
      assert.ok(operations.length > 0, path);
      for (const [method, { summary }] of operations) assert.ok(summary, `${method} ${path}`);
    }
  });
});

/** `fetch` sets no `Host`. */
async function postFrom(url: string, headers: Record<string, string>, body: object): Promise<number> {
  const sent = request(url, { method: "POST", headers: { "content-type": "application/json", ...headers } });
  sent.end(JSON.stringify(body));
  const [answer] = await once(sent, "response");
  answer.resume();
  return answer.statusCode;
}
