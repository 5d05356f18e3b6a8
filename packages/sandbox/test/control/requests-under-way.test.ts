import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, it } from "node:test";
import type { FastifyReply } from "fastify";
import { RequestsUnderWay } from "../../src/control/requests-under-way.ts";

describe("requests under way", { timeout: 30_000 }, () => {
  const server = createServer();
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(() => server.close());
  const longMs = 2 ** 30;

  async function receive() {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    const [, raw] = (await once(server, "request")) as [IncomingMessage, ServerResponse];
    return { socket, raw, reply: { raw } as unknown as FastifyReply };
  }

  it("are none at first", () => new RequestsUnderWay().untilNone(longMs));

  for (const [how, end] of Object.entries({
    "its answer is out": ({ raw }) => raw.end(),
    "its client is gone": ({ socket }) => socket.destroy(),
  } satisfies Record<string, (received: Awaited<ReturnType<typeof receive>>) => unknown>))
    it(`are none once ${how}`, async () => {
      const received = await receive();
      const underWay = new RequestsUnderWay();
      underWay.add(received.reply);
      const none = underWay.untilNone(longMs);
      end(received);
      await none;
      received.socket.destroy();
    });

  it("are none where the client was gone before", async () => {
    const { socket, raw, reply } = await receive();
    socket.destroy();
    await once(raw, "close");
    const underWay = new RequestsUnderWay();
    underWay.add(reply);
    await underWay.untilNone(longMs);
  });

  it("are not waited for longer than is asked", async () => {
    const { socket, reply } = await receive();
    const underWay = new RequestsUnderWay();
    underWay.add(reply);
    assert.equal(await underWay.untilNone(1), undefined);
    socket.destroy();
  });
});
