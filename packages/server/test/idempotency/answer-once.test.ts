import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/stripe/errors";
import type { Settings } from "@linchpin/server";
import type { Context } from "@linchpin/server/issuer";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import Fastify, { type FastifyInstance } from "fastify";
import { answerErrors, requireCaller } from "../../src/http/index.ts";
import { answerOnce, type KeepAnswer, keepRefusals } from "../../src/idempotency/index.ts";
import { makeId } from "../../src/identifiers.ts";
import { takeForms } from "../../src/protocols/stripe/forms.ts";

const now = new Date("2026-11-22T12:00:00Z");
const terms = { maxKeyLength: 64, replayedHeader: "replayed" };
const [partnerId, clientId] = ["a partner", "a client"];

type Act = (keepAnswer: KeepAnswer) => Promise<object | null>;

describe("a request with an idempotency key", () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let settings: Settings;
  let headers: Record<string, string>;
  before(async () => {
    opened = await openOwnContext(() => now);
    settings = opened.settings;
    await addCredential(opened.context);
  });
  after(() => opened.close());
  beforeEach(() => {
    headers = { "idempotency-key": makeId(), "content-type": "application/x-www-form-urlencoded" };
  });

  /** A server of Stripe's forms whose one route does `act`, with any parameters `a` and `b`. */
  function serverOf(context: Context, act: Act): FastifyInstance {
    const app = Fastify();
    answerErrors(app, async () => undefined, describeError);
    takeForms(app);
    requireCaller(app, async () => ({ kind: "partner", partnerId, clientId, roles: [] }));
    keepRefusals(app, context);
    const schema = { body: { type: "object", properties: { a: {}, b: {} } } };
    app.post("/", { schema }, (request, reply) =>
      answerOnce(context, { request, reply, isWellFormed: true, terms }, act),
    );
    return app;
  }
  const send = async (app: FastifyInstance, body = "") => {
    const { statusCode, body: text } = await app.inject({ method: "POST", url: "/", headers, body });
    return { status: statusCode, body: JSON.parse(text) };
  };
  /** The database fails at what follows the answer. */
  const failing = (context: Context): Context => {
    const fail = () => Promise.reject(new Error("no database"));
    return { ...context, store: { ...context.store, answerIdempotentRequest: fail, releaseIdempotentRequest: fail } };
  };

  it("keeps its answer once it is committed, though the database fails afterwards", async () => {
    const app = serverOf(failing(opened.context), async (keepAnswer) => {
      keepAnswer({ is: "committed" });
      return { is: "committed" };
    });
    assert.deepEqual(await send(app), { status: 200, body: { is: "committed" } });
  });

  it("keeps its answer and its refusal as they are, though the database fails to keep them", async () => {
    const unchanged = serverOf(failing(opened.context), async () => ({ is: "read" }));
    assert.deepEqual(await send(unchanged), { status: 200, body: { is: "read" } });
    headers["idempotency-key"] = makeId();
    const refused = serverOf(failing(opened.context), async () => {
      throw new LinchpinError("rate_limited");
    });
    assert.equal((await send(refused)).status, 429);
  });

  it("is under way for a server whose clock is minutes ahead", async () => {
    const ahead = await contextOn(opened.context.store, settings, () => new Date(now.getTime() + 10 * 60_000));
    const { promise, resolve } = Promise.withResolvers<object>();
    const begun = Promise.withResolvers<void>();
    let runs = 0;
    const first = send(
      serverOf(opened.context, () => {
        runs++;
        begun.resolve();
        return promise;
      }),
    );
    await begun.promise;
    const second = await send(serverOf(ahead.context, async () => ({ runs: ++runs })));
    resolve({ is: "first" });
    assert.deepEqual((await first).body, { is: "first" });
    await ahead.close();
    assert.deepEqual([second.status, second.body.error?.code], [409, "idempotency_key_in_use"]);
    assert.equal(runs, 1);
  });

  it("is answered by a status alone, and again by the same and the vendor's header", async () => {
    let runs = 0;
    const app = serverOf(opened.context, async () => {
      runs++;
      return null;
    });
    for (const replayed of [undefined, "true"]) {
      const answer = await app.inject({ method: "POST", url: "/", headers });
      const { statusCode, body, headers: answered } = answer;
      assert.deepEqual(
        [statusCode, body, answered["content-type"], answered["replayed"]],
        [204, "", undefined, replayed],
      );
    }
    assert.equal(runs, 1);
  });

  it("has a key of at most as many characters as the vendor says", async () => {
    const app = serverOf(opened.context, async () => ({}));
    for (const [length, status] of [
      [0, 400],
      [1, 200],
      [64, 200],
      [65, 400],
    ] as const) {
      headers["idempotency-key"] = "k".repeat(length);
      assert.equal((await send(app)).status, status, `${length}`);
    }
  });

  describe("with parameters in another form", () => {
    const alike: [string, string][] = [
      ["a=1&b=2", "b=2&a=1"],
      ["a[]=1&a[]=2", "a[0]=1&a[1]=2"],
      ["a[1]=2&a[0]=1", "a[]=1&a[]=2"],
      ["a%5Bb%5D=1", "a[b]=1"],
    ];
    const different: [string, string][] = [
      ["a[b]=c", "a[0][0]=b&a[0][1]=c"],
      ["a[b]=c", "a[][]=b&a[][]=c"],
      ["a[0]=c", "a=c"],
      ["a[]=1&a[]=2", "a[]=2&a[]=1"],
      ["a[b]=1&a[0]=2", "a[b]=1&a[1]=2"],
      ["a=1", "a=1&b="],
    ];
    const statusOfSecond = async (one: string, two: string) => {
      const app = serverOf(opened.context, async () => ({}));
      assert.equal((await send(app, one)).status, 200);
      return (await send(app, two)).status;
    };
    for (const [one, two] of alike)
      it(`is the same: ${one}, ${two}`, async () => assert.equal(await statusOfSecond(one, two), 200));
    for (const [one, two] of different)
      it(`is another: ${one}, ${two}`, async () => assert.equal(await statusOfSecond(one, two), 400));
  });
});

async function addCredential({ store }: Context): Promise<void> {
  const added = { audit: { subject: "test", cardId: null, occurredAt: now, content: "{}" }, outbox: [] };
  const partner = { id: partnerId, name: "A partner", mayRegisterMobileNumbers: true, createdAt: now };
  await store.addPartner(partner, added);
  const secretHash = new Uint8Array(32);
  await store.addCredential({ kind: "stripe", clientId, partnerId, secretHash, roles: [], createdAt: now }, added);
}
