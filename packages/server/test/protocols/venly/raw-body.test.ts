import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { after, before, beforeEach, describe, it } from "node:test";
import Fastify from "fastify";
import { keepRawBodies, rawBodyOf } from "../../../src/protocols/venly/raw-body.ts";

describe("a raw body", () => {
  const bodyLimit = 1024;
  const app = Fastify({ bodyLimit });
  const text = '{"value":"192837"}';
  let body: Uint8Array;
  let textAtRoute: string;

  before(async () => {
    keepRawBodies(app);
    app.post("/done", async (request) => {
      body = rawBodyOf(request);
      textAtRoute = Buffer.from(body).toString();
      return {};
    });
    app.post("/refused", async (request) => {
      body = rawBodyOf(request);
      throw new Error("refused");
    });
    app.post("/slow", async (request, reply) => {
      body = rawBodyOf(request);
      await once(reply.raw, "close");
      textAtRoute = Buffer.from(body).toString();
      return {};
    });
    await app.listen({ port: 0 });
  });
  beforeEach(() => {
    textAtRoute = "";
  });
  after(() => app.close());

  const post = (url: string) =>
    app.inject({ method: "POST", url, payload: text, headers: { "content-type": "application/json" } });
  const isWiped = () => body.length === text.length && body.every((byte) => byte === 0);

  it("reaches its route, and is wiped after", async () => {
    await post("/done");
    assert.equal(textAtRoute, text);
    assert.ok(isWiped());
  });

  it("is wiped in the pieces that it came in", async () => {
    const pieces = [text.slice(0, 12), text.slice(12)].map((piece) => Buffer.from(piece));
    const payload = Readable.from(pieces);
    await app.inject({ method: "POST", url: "/done", payload, headers: { "content-type": "application/json" } });
    assert.equal(textAtRoute, text);
    for (const piece of pieces) assert.ok(piece.every((byte) => byte === 0));
  });

  it("is refused beyond what a body may be, wiped as far as it came", async () => {
    const pieces = [Buffer.alloc(bodyLimit, "1"), Buffer.alloc(1, "1"), Buffer.alloc(1, "1")];
    const payload = Readable.from(pieces);
    const headers = { "content-type": "application/json" };
    const { statusCode } = await app.inject({ method: "POST", url: "/done", payload, headers });
    assert.deepEqual([statusCode, textAtRoute], [500, ""]);
    for (const piece of pieces.slice(0, 2)) assert.ok(piece.every((byte) => byte === 0));
  });

  it("is wiped when it is refused", async () => {
    assert.equal((await post("/refused")).statusCode, 500);
    assert.ok(isWiped());
  });

  it("of a caller that is gone stays until the route is done, and is wiped then", async () => {
    const { port } = app.server.address() as { port: number };
    const sent = new Promise<void>((resolve) => app.server.once("request", () => resolve()));
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST /slow HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    await sent;
    const done = new Promise<void>((resolve) => {
      const look = () => (textAtRoute !== "" && isWiped() ? resolve() : setImmediate(look));
      look();
    });
    setTimeout(() => socket.destroy(), 50);
    await done;
    assert.equal(textAtRoute, text);
  });
});
