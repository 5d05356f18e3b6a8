import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import Fastify, { type FastifyInstance } from "fastify";
import { closeConnectionsWithTheirAnswer, connectionOptions, drainConnections } from "../../src/http/connections.ts";

describe("a server that is stopped", () => {
  let app: FastifyInstance;
  let port: number;
  beforeEach(async () => {
    app = Fastify(connectionOptions(0, null));
    closeConnectionsWithTheirAnswer(app, 0);
    app.get("/", async () => {
      await sleep(5);
      return "answered";
    });
    app.get("/slow", async () => {
      await sleep(1_500);
      return "answered";
    });
    port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
  });
  afterEach(() => app.close());

  it("loses no request of callers that keep their connections and never pause", async () => {
    const counts = { answered: 0, lost: 0 };
    const callers = Array.from({ length: 8 }, () => keepCalling(port, counts));
    while (counts.answered < 16) await sleep(10);
    await drainConnections(app.server, AbortSignal.timeout(5_000));
    await app.close();
    await Promise.all(callers);
    assert.equal(counts.lost, 0);
  });

  it("waits for what is under way, and not for a request that is never sent to its end", async () => {
    const halfSent = connect(port, "127.0.0.1");
    halfSent.write("GET / HTTP/1.1\r\nHost: x\r\n");
    const gone = once(halfSent, "close");
    const slow = statusOf(port, "/slow");
    await sleep(200);
    const closed = app.close();
    assert.equal(await Promise.race([gone.then(() => "gone"), slow]), "gone", "it waited for the half-sent request");
    assert.equal(await slow, 200);
    await closed;
  });
});

/** Calls on one connection until the server closes it with an answer; a request that then has no answer is lost. */
async function keepCalling(port: number, counts: { answered: number; lost: number }): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const answer = await new Promise<{ closes: boolean } | null>((resolve) => {
      request({ port, host: "127.0.0.1", agent }, (response) => {
        response.resume().on("end", () => resolve({ closes: response.headers.connection === "close" }));
      })
        .on("error", () => resolve(null))
        .end();
    });
    if (answer === null) counts.lost++;
    else counts.answered++;
    if (answer === null || answer.closes) return agent.destroy();
  }
}

function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    })
      .on("error", reject)
      .end();
  });
}
