import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, suite, test } from "node:test";
import { fetchRelay } from "@linchpin/device/relay";
import { refusal } from "@linchpin/test-fixtures/device/stage";

const read = { method: "GET", path: "/solaris/v1/cards/pin_keys/latest", mayRepeat: true } as const;
const change = { method: "POST", path: "/adyen/pins/change", body: '{"a":1}', mayRepeat: false } as const;

let server: Server;
let requests: IncomingMessage[];

async function startBackend(listener: RequestListener): Promise<string> {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

suite("the relay on fetch", () => {
  test("sends a message as it is, with the partner's headers", async () => {
    const baseUrl = await startBackend(async (request, response) => {
      const body = (await request.toArray()).join("");
      response.end(
        JSON.stringify([request.method, request.url, request.headers["x-csrf"], request.headers["x-a"], body]),
      );
    });
    for (const path of ["/api", "/api/"]) {
      const relay = fetchRelay({ baseUrl: baseUrl + path, headers: { "x-csrf": "token" } });
      assert.deepEqual(await relay.send({ ...change, headers: { "x-a": "1" } }), {
        status: 200,
        body: ["POST", "/api/adyen/pins/change", "token", "1", '{"a":1}'],
        wasRepeated: false,
      });
    }
  });

  test("has no body where none came, and none that is no JSON of a refusal", async () => {
    const answers = [
      [204, ""],
      [403, "<h1>Forbidden</h1>"],
      [422, '{"errors":[]}'],
    ] as const;
    const left = [...answers];
    const baseUrl = await startBackend((_request, response) => {
      const [status, text] = left.shift() ?? assert.fail();
      response.writeHead(status).end(text);
    });
    for (const [status, body] of [
      [204, undefined],
      [403, undefined],
      [422, { errors: [] }],
    ])
      assert.deepEqual(await fetchRelay({ baseUrl }).send(change), { status, body, wasRepeated: false });
  });

  test("tries again what may be repeated, as often as there are pauses, and says so", async () => {
    let failures = 2;
    const baseUrl = await startBackend((request, response) => {
      if (failures-- > 0) request.socket.destroy();
      else response.end("{}");
    });
    const relay = fetchRelay({ baseUrl, pausesMs: [0, 0] });
    assert.deepEqual(await relay.send(read), { status: 200, body: {}, wasRepeated: true });
    failures = 3;
    await assert.rejects(relay.send(read), refusal("unreachable"));
    assert.equal(requests.length, 6);
  });

  test("tries what may not be repeated once", async () => {
    const baseUrl = await startBackend((request) => void request.socket.destroy());
    await assert.rejects(fetchRelay({ baseUrl, pausesMs: [0, 0] }).send(change), refusal("unreachable"));
    assert.equal(requests.length, 1);
  });

  test("hands on the last 5xx, and repeats no refusal", async () => {
    const statuses = [503, 500, 502, 429, 409];
    const baseUrl = await startBackend((_request, response) => response.writeHead(statuses.shift() ?? 200).end());
    const relay = fetchRelay({ baseUrl, pausesMs: [0, 0] });
    assert.deepEqual(await relay.send(read), { status: 502, body: undefined, wasRepeated: true });
    for (const status of [429, 409])
      assert.deepEqual(await relay.send(read), { status, body: undefined, wasRepeated: false });
    assert.equal(requests.length, 5);
  });

  const slow: Record<string, RequestListener> = {
    "no answer": () => {},
    "a body that does not end": (_request, response) => response.write("{"),
  };
  for (const [what, listener] of Object.entries(slow))
    test(`gives up in time: ${what}`, async () => {
      const baseUrl = await startBackend(listener);
      const relay = fetchRelay({ baseUrl, timeoutMs: 50, pausesMs: [] });
      await assert.rejects(relay.send(read), refusal("timed_out"));
    });

  test("ends by the signal, before and after sending, and does not try again", async () => {
    const baseUrl = await startBackend(() => ending.abort());
    const relay = fetchRelay({ baseUrl, pausesMs: [0, 0] });
    const ending = new AbortController();
    await assert.rejects(relay.send({ ...read, signal: AbortSignal.abort() }), refusal("aborted"));
    assert.equal(requests.length, 0);
    await assert.rejects(relay.send({ ...read, signal: ending.signal }), refusal("aborted"));
    assert.equal(requests.length, 1);
  });

  test("takes a success that is no JSON for none, and quotes nothing of it", async () => {
    const baseUrl = await startBackend((_request, response) => response.end("<p>192837"));
    await assert.rejects(fetchRelay({ baseUrl, pausesMs: [] }).send(read), (error: Error) => {
      assert.deepEqual([(error as { code?: string }).code, error.cause], ["answer_malformed", undefined]);
      assert.doesNotMatch(`${error.stack}`, /192837/);
      return true;
    });
  });

  test("reads no more of an answer than the issuer's longest", async () => {
    let written = 0;
    const baseUrl = await startBackend(async (_request, response) => {
      const piece = '"'.padEnd(65_536);
      for (; !response.destroyed && written < 4096; written++)
        if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
      response.end();
    });
    await assert.rejects(fetchRelay({ baseUrl, pausesMs: [] }).send(read), refusal("answer_malformed"));
    assert.ok(written < 4096, "the rest of it was read too");
  });

  test("follows no redirect", async () => {
    const baseUrl = await startBackend((_request, response) => response.writeHead(307, { location: "/other" }).end());
    await assert.rejects(fetchRelay({ baseUrl, pausesMs: [] }).send(change), refusal("unreachable"));
    assert.equal(requests.length, 1);
  });
});
