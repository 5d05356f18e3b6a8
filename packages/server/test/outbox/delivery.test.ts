import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { utf8 } from "@linchpin/core";
import type { OutboxEntry, Store } from "@linchpin/store";
import { OutboxReceiver } from "@linchpin/test-fixtures/issuer/outbox-receiver";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { until } from "@linchpin/test-fixtures/system/until";
import { call } from "@linchpin/testing/call";
import fc from "fast-check";
import pino from "pino";
import type { Context } from "../../src/context/context.ts";
import { cardEvents } from "../../src/outbox/events.ts";
import { messageEntry } from "../../src/outbox/message.ts";
import { messageBody } from "../../src/outbox/message-body.ts";
import { nextAttemptAt } from "../../src/outbox/next-attempt.ts";
import { signDelivery } from "../../src/outbox/sign-delivery.ts";
import { startOutboxDelivery } from "../../src/outbox/start-outbox-delivery.ts";

const messagesSecret = "the secret of the receiver of messages";
const eventsSecret = "the secret of the receiver of events";
const dayMs = 24 * 60 * 60 * 1000;

interface Start {
  readonly messagesUrl: string | null;
  readonly eventsUrl: string | null;
  readonly timeoutMs: number;
  readonly log: Context["log"];
}

describe("outbox delivery", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let store: Store;
  let context: Context;
  let now: Date;
  let receiver: OutboxReceiver;
  let url: string;
  const deliveries: { stop(): Promise<void> }[] = [];

  before(async () => {
    now = new Date();
    opened = await openOwnContext(() => now);
    ({ context } = opened);
    ({ store } = context);
  });
  after(() => opened.close());

  beforeEach(async () => {
    now = new Date("2026-11-22T12:00:00.500Z");
    receiver = new OutboxReceiver();
    url = await receiver.listen();
  });
  afterEach(async () => {
    await Promise.all(deliveries.splice(0).map((delivery) => delivery.stop()));
    receiver.close();
    // What a test left waiting is not the next one's.
    for (const { id } of await claimAll()) await store.markDelivered(id, now);
  });

  const start = ({ timeoutMs = 10_000, log = context.log, ...urls }: Partial<Start> = {}) => {
    const receivers = { messagesUrl: `${url}/messages`, eventsUrl: `${url}/events` };
    const settings = { ...receivers, outboxSecret: messagesSecret, eventsSecret, ...urls };
    const delivery = startOutboxDelivery({ ...context, log }, settings, { pollMs: 2, timeoutMs });
    deliveries.push(delivery);
    return delivery;
  };
  /** Moves the clock to the next attempt once one has failed. */
  const waitingForNothing = () => {
    const log = pino({ level: "silent" });
    log.warn = ({ nextAttemptAt }: { nextAttemptAt: Date }) => {
      now = nextAttemptAt;
    };
    return log;
  };
  const waiting = async () => (await store.measureOutbox()).waiting;
  const dead = async () => (await store.measureOutbox()).dead;
  const isDrained = async () => (await waiting()) === 0;

  async function claimAll() {
    const far = new Date("2100-01-01T00:00:00Z");
    const all: OutboxEntry[] = [];
    for (;;) {
      const claimed = await store.claimOutboxEntries({
        at: far,
        claimedUntil: new Date(far.getTime() + 1),
        limit: 100,
      });
      if (claimed.length === 0) return all;
      for (const entry of claimed) await store.markDelivered(entry.id, now);
      all.push(...claimed);
    }
  }

  async function addEvents(cardId: string, count: number): Promise<string[]> {
    const entries = Array.from({ length: count }, (_, version) =>
      cardEvents(context, { id: cardId }, "pin.changed", { pinVersion: version + 1 }),
    ).flat();
    for (const entry of entries) await store.addOutboxEntry(entry);
    return entries.map(({ id }) => id);
  }

  const receivedIds = (cardId?: string) =>
    receiver.deliveries.filter(({ body }) => cardId === undefined || body.cardId === cardId).map(({ body }) => body.id);

  test("an event is posted, signed, with its id", async () => {
    const cardId = randomUUID();
    const [id] = await addEvents(cardId, 1);
    start();
    await until(isDrained);
    const [delivery] = receiver.deliveries;
    assert.equal(receiver.deliveries.length, 1);
    assert.equal(delivery?.path, "/events");
    assert.deepEqual(delivery.body, {
      id,
      type: "pin.changed",
      cardId,
      occurredAt: now.toISOString(),
      pinVersion: 1,
    });
    assert.equal(delivery.headers["content-type"], "application/json");
    assert.equal(delivery.headers["linchpin-delivery-id"], id);
    const [, seconds, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(delivery.headers["linchpin-signature"])) ?? [];
    assert.equal(Number(seconds), Math.floor(now.getTime() / 1000));
    const signed = `${seconds}.${delivery.raw}`;
    assert.equal(signature, createHmac("sha256", eventsSecret).update(signed).digest("hex"));
    assert.notEqual(signature, createHmac("sha256", messagesSecret).update(signed).digest("hex"));
  });

  test("a message is posted with what it says", async () => {
    const said = 'PIN "1928" \\ Grüße,\n\u0000\u001f\u007f 你好 🙂';
    const to = "+15560001";
    const entry = await messageEntry(context, { to, channel: "letter", text: utf8(said) });
    await store.addOutboxEntry(entry);
    start();
    await until(isDrained);
    assert.deepEqual(
      receiver.deliveries.map(({ path, body }) => [path, body]),
      [["/messages", { id: entry.id, to, channel: "letter", text: said, createdAt: now.toISOString() }]],
    );
  });

  test("one card's events come one after the other, whatever fails", async () => {
    const cardId = randomUUID();
    const ids = await addEvents(cardId, 4);
    let failures = 0;
    receiver.answer = ({ body }) => {
      if (body.pinVersion !== 2 || failures === 3) return 200;
      failures += 1;
      return 500;
    };
    start({ log: waitingForNothing() });
    await until(isDrained);
    assert.deepEqual(receivedIds(cardId), [ids[0], ids[1], ids[1], ids[1], ids[1], ids[2], ids[3]]);
  });

  test("one card's trouble is not another's", async () => {
    const [held, free] = [randomUUID(), randomUUID()];
    const [first] = await addEvents(held, 3);
    const ids = await addEvents(free, 3);
    receiver.answer = ({ body }) => (body.cardId === held ? 503 : 200);
    start();
    await until(() => receivedIds(free).length === 3);
    await until(async () => (await waiting()) === 3);
    assert.deepEqual(receivedIds(free), ids);
    assert.deepEqual(new Set(receivedIds(held)), new Set([first]));
  });

  for (const [what, status] of [
    ["a redirect", 307],
    ["a request that is refused", 400],
    ["a receiver that fails", 500],
  ] as const)
    test(`${what} is tried again, later`, async () => {
      await addEvents(randomUUID(), 1);
      receiver.answer = () => status;
      const delivery = start();
      await until(() => receiver.deliveries.length === 1);
      await delivery.stop();
      assert.equal(await waiting(), 1);
      assert.deepEqual(await claimDue(), []);
      now = new Date(now.getTime() + 1000);
      assert.equal((await claimDue()).length, 1);
      assert.deepEqual(
        receiver.deliveries.map(({ path }) => path),
        ["/events"],
      );
    });

  test("a receiver that does not answer is tried again, later", async () => {
    await addEvents(randomUUID(), 1);
    receiver.answer = () => null;
    // Long enough for a busy machine to bring the request before.
    const delivery = start({ timeoutMs: 1000 });
    await until(() => receiver.deliveries.length === 1);
    await delivery.stop();
    assert.equal(await waiting(), 1);
    now = new Date(now.getTime() + 1000);
    assert.equal((await claimDue()).length, 1);
  });

  test("a receiver that is not there is tried again, later", async () => {
    await addEvents(randomUUID(), 1);
    receiver.close();
    const startedAt = now;
    const delivery = start({ log: waitingForNothing() });
    await until(() => now > startedAt);
    await delivery.stop();
    assert.equal(await waiting(), 1);
    assert.equal(receiver.deliveries.length, 0);
  });

  const claimDue = () => store.claimOutboxEntries({ at: now, claimedUntil: now, limit: 100 });

  test("410 ends an entry, and lets the next one of its card go", async () => {
    const cardId = randomUUID();
    const ids = await addEvents(cardId, 2);
    const before = await dead();
    receiver.answer = ({ body }) => (body.id === ids[0] ? 410 : 200);
    start();
    await until(isDrained);
    assert.deepEqual(receivedIds(cardId), ids);
    assert.equal(await dead(), before + 1);
  });

  test("five days old and refused again, an entry is dead", async () => {
    const cardId = randomUUID();
    await addEvents(cardId, 1);
    const before = await dead();
    now = new Date(now.getTime() + 5 * dayMs);
    receiver.answer = () => 500;
    start();
    await until(isDrained);
    assert.equal(receivedIds(cardId).length, 1);
    assert.equal(await dead(), before + 1);
  });

  test("two servers deliver each entry once, in order", async () => {
    const cards = Array.from({ length: 8 }, () => randomUUID());
    const expected = new Map<string, string[]>();
    for (const cardId of cards) expected.set(cardId, await addEvents(cardId, 5));
    start();
    start();
    await until(isDrained);
    for (const cardId of cards) assert.deepEqual(receivedIds(cardId), expected.get(cardId));
    assert.equal(receiver.deliveries.length, 40);
  });

  test("a server that died with an entry: another one delivers it", async () => {
    const [id] = await addEvents(randomUUID(), 1);
    const dying = await store.claimOutboxEntries({ at: now, claimedUntil: new Date(now.getTime() + 1000), limit: 1 });
    assert.equal(dying[0]?.id, id);
    now = new Date(now.getTime() + 999);
    start();
    const others = await addEvents(randomUUID(), 1);
    await until(async () => (await waiting()) === 1);
    assert.deepEqual(receivedIds(), others);
    now = new Date(now.getTime() + 1);
    await until(isDrained);
    assert.deepEqual(receivedIds(), [...others, id]);
  });

  test("a stop finishes what is under way", async () => {
    const [id] = await addEvents(randomUUID(), 1);
    let answer = (_status: number) => {};
    receiver.answer = () =>
      new Promise<number>((resolve) => {
        answer = resolve;
      });
    const delivery = start();
    await until(() => receiver.deliveries.length === 1);
    const stopped = delivery.stop();
    answer(200);
    await stopped;
    assert.deepEqual(receivedIds(), [id]);
    assert.equal(await waiting(), 0);
  });

  test("after a stop nothing is claimed", async () => {
    const delivery = start();
    await delivery.stop();
    await addEvents(randomUUID(), 1);
    assert.equal((await claimDue()).length, 1);
    assert.equal(receiver.deliveries.length, 0);
  });

  test("a message is signed by the secret of messages, which a receiver of events does not know", async () => {
    const message = await messageEntry(context, { to: "+15560001", channel: "sms", text: utf8("121121") });
    await store.addOutboxEntry(message);
    start();
    await until(isDrained);
    const [delivery] = receiver.deliveries;
    const [, seconds, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(delivery?.headers["linchpin-signature"] as string) ?? [];
    const signed = `${seconds}.${delivery?.raw}`;
    assert.equal(signature, createHmac("sha256", messagesSecret).update(signed).digest("hex"));
  });

  test("what nobody receives holds nothing up", async () => {
    await addEvents(randomUUID(), 1);
    const message = await messageEntry(context, { to: "+15560002", channel: "sms", text: utf8("212212") });
    await store.addOutboxEntry(message);
    start({ eventsUrl: null });
    await until(isDrained);
    assert.deepEqual(receivedIds(), [message.id]);
  });

  test("without URLs nothing is touched", async () => {
    await addEvents(randomUUID(), 1);
    const delivery = start({ eventsUrl: null, messagesUrl: null });
    await delivery.stop();
    assert.equal((await claimDue()).length, 1);
  });
});

describe("next attempt", () => {
  const createdAt = new Date("2026-11-22T12:00:00Z");
  const delayMs = (attempts: number, random: number) =>
    (nextAttemptAt({ attempts, createdAt }, createdAt, () => random)?.getTime() ?? 0) - createdAt.getTime();

  test("doubles, up to an hour; half of it is chance", () => {
    assert.deepEqual(
      [0, 1, 2, 11, 12, 500].map((attempts) => delayMs(attempts, 0)),
      [1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000],
    );
    assert.equal(delayMs(3, 0.5), 6000);
  });

  test("the last is at five days", () => {
    const next = (ageMs: number) =>
      nextAttemptAt({ attempts: 100, createdAt }, new Date(createdAt.getTime() + ageMs), () => 0)?.getTime();
    assert.equal(next(5 * dayMs - 60_000), createdAt.getTime() + 5 * dayMs);
    assert.equal(next(5 * dayMs), undefined);
  });
});

describe("message body", () => {
  const entry = { id: "id", recipient: 'the "one"', channel: "sms", createdAt: new Date(0) } as OutboxEntry;

  test("is JSON that says the text, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" }), (graphemes, ascii) => {
        const text = graphemes + ascii;
        const body = JSON.parse(Buffer.from(messageBody(entry, utf8(text))).toString());
        assert.deepEqual(body, {
          id: "id",
          to: 'the "one"',
          channel: "sms",
          createdAt: "1970-01-01T00:00:00.000Z",
          text,
        });
      }),
    );
  });
});

describe("signature of a delivery", () => {
  test("as another implementation has it", () => {
    // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
    assert.equal(
      signDelivery("key", utf8('{"a":1}'), new Date(1_700_000_000_999)),
      "t=1700000000,v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03",
    );
  });
});

describe("outbox of a running issuer", { timeout: 60_000 }, () => {
  test("what a card's life leaves behind goes out, and is listed all the same", async () => {
    const receiver = new OutboxReceiver();
    const url = await receiver.listen();
    const issuer = await startSandboxIssuer({
      environment: {
        LINCHPIN_MESSAGES_URL: `${url}/messages`,
        LINCHPIN_EVENTS_URL: `${url}/events`,
        LINCHPIN_OUTBOX_SECRET: messagesSecret,
        LINCHPIN_EVENTS_SECRET: eventsSecret,
      },
    });
    try {
      const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
      const bearer = sandbox.issuer.apiKey;
      const card = `${sandbox.issuer.baseUrl}/cards/${sandbox.issuer.cardId}`;
      assert.equal((await call("POST", `${card}/pin/generate`, { bearer })).status, 200);
      assert.equal((await call("PATCH", card, { bearer, body: { state: "blocked" } })).status, 200);
      await until(() => receiver.deliveries.length === 3);
      const at = (path: string) => receiver.deliveries.filter((delivery) => delivery.path === path);
      assert.deepEqual(
        at("/events").map(({ body }) => [body.cardId, body.type, body.pinVersion, body.state]),
        [
          [sandbox.issuer.cardId, "pin.changed", 1, undefined],
          [sandbox.issuer.cardId, "card.state_changed", undefined, "blocked"],
        ],
      );
      const [letter] = at("/messages");
      assert.deepEqual([letter?.body.to, letter?.body.channel], [sandbox.solaris.mobileNumber, "letter"]);
      const to = encodeURIComponent(sandbox.solaris.mobileNumber);
      const { body: listed } = await call("GET", `${issuer.url}/sandbox/messages?to=${to}`);
      assert.deepEqual(
        listed.map(({ text }: { text: string }) => text),
        [letter?.body.text],
      );
    } finally {
      await issuer.stop();
      receiver.close();
    }
  });
});
