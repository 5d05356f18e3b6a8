import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError, utf8 } from "@linchpin/core";
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
    assert.match(body, /^linchpin_store_up 1$/m);
    await app.inject("/metrics");
    assert.equal(measurements, 2);
    await app.close();
  });

  it("are left out without the store, which the scrape says, and the rest stands", async () => {
    const { context } = opened;
    const store = { ...context.store, measureOutbox: () => Promise.reject(new LinchpinError("unavailable")) };
    const app = Fastify();
    measure(app, { ...context, store });
    await app.inject("/none");
    const { body, statusCode } = await app.inject("/metrics");
    assert.equal(statusCode, 200);
    assert.match(body, /^linchpin_store_up 0$/m);
    assert.doesNotMatch(body, /^linchpin_outbox/m);
    assert.match(body, /^linchpin_request_duration_seconds_count\{.*route="unknown".*\} 1$/m);
    await app.close();
  });
});
