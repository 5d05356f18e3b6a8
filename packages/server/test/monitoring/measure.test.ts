import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { utf8 } from "@linchpin/core";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import Fastify from "fastify";
import { measure } from "../../src/monitoring/measure.ts";
import { messageEntry } from "../../src/outbox/message.ts";

describe("the outbox's gauges", () => {
  let now = new Date("2026-11-22T12:00:00Z");
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  before(async () => {
    opened = await openOwnContext(() => now);
  });
  after(() => opened.close());

  it("are right from the first scrape on, by one measurement each", async () => {
    const { context } = opened;
    await context.store.addOutboxEntry(
      await messageEntry(context, { to: "+15550101", channel: "sms", text: utf8("a message") }),
    );
    now = new Date("2026-11-22T12:00:30Z");
    let measurements = 0;
    const store = new Proxy(context.store, {
      get: (target, name) => {
        if (name === "measureOutbox") measurements += 1;
        const member = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const app = Fastify();
    measure(app, { ...context, store });
    const { body } = await app.inject("/metrics");
    assert.match(body, /^linchpin_outbox_waiting 1$/m);
    assert.match(body, /^linchpin_outbox_dead 0$/m);
    assert.match(body, /^linchpin_outbox_oldest_seconds 30$/m);
    assert.equal(measurements, 1);
    await app.inject("/metrics");
    assert.equal(measurements, 2);
    await app.close();
  });
});
