import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import type { ClaimedEntry } from "@linchpin/store";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { until } from "@linchpin/test-fixtures/system/until";
import type { Answer } from "@linchpin/testing/call";
import { assertSolarisError, SolarisCardholder } from "@linchpin/testing/solaris";
import { auditTrail } from "@linchpin/testing/venly";
import { sealSecret } from "../../../src/keys/secret.ts";
import { allowedHosts } from "../../../src/protocols/solaris/webhooks/allowed-hosts.ts";
import { solarisWebhooksOf } from "../../../src/protocols/solaris/webhooks/notifications.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
}

/** A partner's server: keeps what is posted to it, and answers as it is told. */
class PartnerServer {
  readonly received: Received[] = [];
  /** Null: no answer at all. */
  answer: (received: Received) => number | null = () => 200;
  url = "";
  readonly #server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received = { path: request.url ?? "", headers: request.headers, raw: Buffer.concat(chunks).toString() };
    this.received.push(received);
    const status = this.answer(received);
    if (status !== null) response.writeHead(status, { location: `${this.url}/elsewhere` }).end("an answer");
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get notifications(): Received[] {
    return this.received.filter(({ headers }) => headers["solaris-webhook-event-type"] === "CARD_LIFECYCLE_EVENT");
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("Solaris' webhooks", { timeout: 120_000 }, () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let server: PartnerServer;
  const clock = { aheadMs: 0 };

  before(async () => {
    issuer = await startSandboxIssuer({ clock: () => new Date(Date.now() + clock.aheadMs) });
    holder = await SolarisCardholder.create(issuer.url);
    server = new PartnerServer();
    await server.listen();
  });
  after(async () => {
    await issuer.stop();
    server.close();
  });
  beforeEach(async () => {
    server.received.length = 0;
    server.answer = () => 200;
    holder = await holder.renewed();
    const { body } = await holder.partner("GET", "/v1/webhooks");
    for (const { id } of body) await holder.partner("DELETE", `/v1/webhooks/${id}`);
  });

  const subscribe = (url = `${server.url}/cards`, by = holder): Promise<Answer> =>
    by.partner("POST", "/v1/webhooks", { event_type: "CARD_LIFECYCLE_EVENT", url });
  const setState = (state: string, of = holder) =>
    of.operator("PATCH", `/cards/${of.sandbox.issuer.cardId}`, { state });
  const freshHolder = () => SolarisCardholder.create(issuer.url);
  const events = async (operation: string) =>
    (await auditTrail(issuer)).filter((event) => event.operation === operation);

  /** Delivers by hand what is due after a failure, as the clock moves on. */
  async function untilReceived(count: number): Promise<void> {
    await until(() => {
      clock.aheadMs += 1000;
      return server.notifications.length >= count;
    });
    clock.aheadMs = 0;
  }

  describe("a subscription", () => {
    it("is made once the URL answered an empty POST, and its secret is answered once", async () => {
      const { status, body } = await subscribe();
      assert.equal(status, 201, JSON.stringify(body));
      assert.deepEqual(Object.keys(body), ["id", "event_type", "url", "secret"]);
      assert.match(body.id, /^[0-9a-f]{32}$/);
      assert.match(body.secret, /^[0-9a-f]{32}$/);
      const [check] = server.received;
      assert.deepEqual([server.received.length, check?.path, check?.raw], [1, "/cards", ""]);
      assert.equal(check?.headers["solaris-webhook-event-type"], "WEBHOOK-SUBSCRIPTION");
      assert.equal(check?.headers["solaris-webhook-signature"], undefined);
      const described = { ...body, secret: null };
      assert.deepEqual((await holder.partner("GET", `/v1/webhooks/${body.id}`)).body, described);
      assert.deepEqual((await holder.partner("GET", "/v1/webhooks")).body, [described]);
      assert.deepEqual((await holder.partner("GET", "/v1/webhooks?page[number]=2&page[size]=1")).body, []);
      const [event] = (await events("solaris.webhooks.make")).filter(({ webhookId }) => webhookId === body.id);
      assert.deepEqual(
        [event.outcome, event.eventType, event.host],
        ["done", body.event_type, new URL(server.url).host],
      );
      assert.ok(!JSON.stringify(await auditTrail(issuer)).includes(body.secret));
    });

    it("is not made where the URL answers other than 2xx, redirects, or not at all", async () => {
      for (const status of [301, 307, 400, 404, 410, 422, 500]) {
        server.answer = () => status;
        assertSolarisError(await subscribe(), 400, "validation_error", "url");
      }
      assert.deepEqual([...new Set(server.received.map(({ path }) => path))], ["/cards"], "no redirect was followed");
      server.answer = () => null;
      assertSolarisError(await subscribe(), 400, "validation_error", "url");
      assertSolarisError(await subscribe("http://127.0.0.1:1/cards"), 400, "validation_error", "url");
      assert.deepEqual((await holder.partner("GET", "/v1/webhooks")).body, []);
    });

    it("is not made, and nothing is posted, where the operator does not allow the host or the form of the URL", async () => {
      const { port } = new URL(server.url);
      const elsewhere = [
        "https://hooks.partner.example/cards",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.5/cards",
        `http://127.0.0.2:${port}/cards`,
        `http://0.0.0.0:${port}/cards`,
        `http://[::ffff:127.0.0.1]:${port}/cards`,
        `http://localhost.partner.example:${port}/cards`,
        `http://127.0.0.1.partner.example:${port}/cards`,
        `http://127.0.0.1@10.0.0.5:${port}/cards`,
        `http://user:password@127.0.0.1:${port}/cards`,
        `http://127.0.0.1:${port}/cards#fragment`,
        `ftp://127.0.0.1:${port}/cards`,
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//127.0.0.1/cards",
        "cards",
      ];
      for (const url of elsewhere) assertSolarisError(await subscribe(url), 400, "validation_error", "url");
      assert.deepEqual(server.received, []);
      const refused = (await events("solaris.webhooks.make")).filter(({ outcome }) => outcome === "refused");
      assert.ok(refused.length >= elsewhere.length);
      assert.ok(refused.every(({ host }) => host === undefined));
      assert.ok(!JSON.stringify(refused).includes("partner.example"));
    });

    it("is refused for other types of events, a wrong shape, and once there are ten", async () => {
      const send = (body: unknown) => holder.partner("POST", "/v1/webhooks", body);
      const url = `${server.url}/cards`;
      assertSolarisError(await send({ event_type: "IDENTIFICATION", url }), 400, "validation_error", "event_type");
      assertSolarisError(await send({ event_type: 5, url }), 400, "validation_error", "event_type");
      const ofType = { event_type: "CARD_LIFECYCLE_EVENT" };
      assertSolarisError(await send({ ...ofType, url: 5 }), 400, "type_error", "url");
      assertSolarisError(await send(ofType), 400, "validation_error", "url");
      const longUrl = `${url}/${"x".repeat(2048)}`;
      assertSolarisError(await subscribe(longUrl), 400, "validation_error", "url");
      assert.deepEqual(server.received, []);
      const answers = await Promise.all(Array.from({ length: 12 }, () => subscribe()));
      assert.equal(answers.filter(({ status }) => status === 201).length, 10);
      assertSolarisError(await subscribe(), 400, "validation_error");
    });

    it("is seen and deleted by its partner alone", async () => {
      const { body } = await subscribe();
      const path = `/v1/webhooks/${body.id}`;
      const another = await SolarisCardholder.createAtAnotherPartner(issuer.url);
      for (const method of ["GET", "DELETE"]) assertSolarisError(await another.partner(method, path), 404, "not_found");
      assert.deepEqual((await another.partner("GET", "/v1/webhooks")).body, []);
      assertSolarisError(await holder.partner("GET", `/v1/webhooks/${"0".repeat(32)}`), 404, "not_found");
      assert.equal((await holder.partner("DELETE", path)).status, 204);
      for (const method of ["GET", "DELETE"]) assertSolarisError(await holder.partner(method, path), 404, "not_found");
      const [deleted] = (await events("solaris.webhooks.delete")).filter(({ webhookId }) => webhookId === body.id);
      assert.equal(deleted.outcome, "done");
    });
  });

  describe("a notification", () => {
    it("says the card's new state, and its signature is the HMAC that openssl computes", {
      skip: needsProgram(["openssl", "version"], "openssl"),
    }, async () => {
      const fresh = await freshHolder();
      const { body: webhook } = await subscribe();
      assert.equal((await setState("blocked", fresh)).status, 200);
      await untilReceived(1);
      const [notification] = server.notifications;
      const { headers, raw } = notification ?? assert.fail("a notification came");
      assert.deepEqual(JSON.parse(raw), {
        id: fresh.sandbox.solaris.cardAccountId,
        status: "BLOCKED",
        person_id: fresh.sandbox.solaris.personId,
        account_id: null,
        business_id: null,
        reference: null,
        type: null,
        representation: { line_1: null, line_2: null },
      });
      assert.equal(headers["content-type"], "application/json");
      assert.equal(headers["solaris-webhook-subscription-id"], webhook.id);
      assert.equal(headers["solaris-entity-id"], fresh.sandbox.solaris.cardAccountId);
      assert.equal(headers["solaris-webhook-attempt"], "1");
      assert.match(String(headers["solaris-webhook-id"]), /^[0-9a-f-]{36}$/);
      const byOpenssl = (secret: string) =>
        execFileSync("openssl", ["dgst", "-sha256", "-hmac", secret, "-hex"], { input: raw })
          .toString()
          .trim()
          .split("= ")[1];
      assert.equal(headers["solaris-webhook-signature"], `sha256=${byOpenssl(webhook.secret)}`);
      assert.notEqual(headers["solaris-webhook-signature"], `sha256=${byOpenssl("another secret")}`);
    });

    it("says what the partner said of a card that it ordered", async () => {
      await subscribe();
      const { personId } = holder.sandbox.solaris;
      const order = { line_1: "ADAM AARON/SCHMIDT", type: "MASTERCARD_DEBIT", reference: "r-1" };
      const ordered = await holder.partner("POST", `/v1/persons/${personId}/accounts/a1/cards`, order);
      const { cardId } = (await events("solaris.cards.order")).find(({ names }) => names?.solaris === ordered.body.id);
      assert.equal((await holder.operator("PATCH", `/cards/${cardId}`, { state: "terminated" })).status, 200);
      await untilReceived(1);
      assert.deepEqual(JSON.parse(server.notifications[0]?.raw ?? ""), { ...ordered.body, status: "CLOSED" });
    });

    it("comes of no card that is for the native protocol alone", async () => {
      await subscribe();
      const settings = { nativeOnly: true };
      const { body: program } = await holder.operator("POST", "/programs", { name: "Native", settings });
      const ofPerson = { personId: holder.sandbox.solaris.personId, programId: program.id };
      const { body: card } = await holder.operator("POST", "/cards", ofPerson);
      assert.equal((await holder.operator("PATCH", `/cards/${card.id}`, { state: "blocked" })).status, 200);
      const fresh = await freshHolder();
      for (const [index, state] of ["blocked", "active"].entries()) {
        await setState(state, fresh);
        await untilReceived(index + 1);
      }
      const ids = server.notifications.map(({ headers }) => headers["solaris-entity-id"]);
      assert.deepEqual([...new Set(ids)], [fresh.sandbox.solaris.cardAccountId]);
    });

    it("goes to every webhook of the card's partner, and to no other partner's", async () => {
      const another = await SolarisCardholder.createAtAnotherPartner(issuer.url);
      assert.equal((await subscribe(`${server.url}/another`, another)).status, 201);
      for (const path of ["/one", "/two"]) assert.equal((await subscribe(`${server.url}${path}`)).status, 201);
      const fresh = await freshHolder();
      await setState("blocked", fresh);
      await setState("blocked", fresh);
      await untilReceived(2);
      assert.deepEqual(server.notifications.map(({ path }) => path).sort(), ["/one", "/two"]);
      await setState("blocked", another);
      await untilReceived(3);
      assert.equal(server.notifications.at(-1)?.path, "/another");
    });

    it("comes again after 500, in order per card, each attempt with its number", async () => {
      await subscribe();
      const fresh = await freshHolder();
      server.answer = () => (server.notifications.length < 3 ? 500 : 200);
      await setState("blocked", fresh);
      await setState("active", fresh);
      await untilReceived(4);
      const attempts = server.notifications.map(({ headers, raw }) => [
        JSON.parse(raw).status,
        headers["solaris-webhook-attempt"],
      ]);
      assert.deepEqual(attempts, [
        ["BLOCKED", "1"],
        ["BLOCKED", "2"],
        ["BLOCKED", "3"],
        ["ACTIVE", "1"],
      ]);
      const ids = server.notifications.map(({ headers }) => headers["solaris-webhook-id"]);
      assert.deepEqual([new Set(ids.slice(0, 3)).size, ids[3] === ids[2]], [1, false]);
    });

    it("does not follow a redirect, which is tried again like any failure", async () => {
      await subscribe();
      server.answer = () => (server.notifications.length < 2 ? 307 : 200);
      await setState("blocked", await freshHolder());
      await untilReceived(2);
      assert.deepEqual([...new Set(server.received.map(({ path }) => path))], ["/cards"]);
    });

    it("is not sent again after 422, and the next one of the card comes", async () => {
      await subscribe();
      const fresh = await freshHolder();
      server.answer = () => (server.notifications.length < 2 ? 422 : 200);
      await setState("blocked", fresh);
      await setState("active", fresh);
      await untilReceived(2);
      assert.deepEqual(
        server.notifications.map(({ raw }) => JSON.parse(raw).status),
        ["BLOCKED", "ACTIVE"],
      );
      assert.equal((await holder.partner("GET", "/v1/webhooks")).body.length, 1);
    });

    it("that is answered 410 deletes the webhook, and nothing comes after", async () => {
      const { body: webhook } = await subscribe();
      const other = await subscribe(`${server.url}/other`);
      const fresh = await freshHolder();
      server.answer = ({ path }) => (path === "/cards" ? 410 : 200);
      await setState("blocked", fresh);
      await untilReceived(2);
      await until(async () =>
        (await events("solaris.webhooks.cancel")).some(({ webhookId }) => webhookId === webhook.id),
      );
      assertSolarisError(await holder.partner("GET", `/v1/webhooks/${webhook.id}`), 404, "not_found");
      await setState("active", fresh);
      await untilReceived(3);
      assert.deepEqual(server.notifications.filter(({ path }) => path === "/cards").length, 1);
      assert.equal((await holder.partner("GET", `/v1/webhooks/${other.body.id}`)).status, 200);
    });

    it("is lost where its webhook is deleted before it is delivered", async () => {
      const { body: webhook } = await subscribe();
      const fresh = await freshHolder();
      server.answer = () => 503;
      await setState("blocked", fresh);
      await until(() => server.notifications.length === 1);
      assert.equal((await holder.partner("DELETE", `/v1/webhooks/${webhook.id}`)).status, 204);
      server.answer = () => 200;
      assert.equal((await subscribe(`${server.url}/new`)).status, 201);
      await setState("active", fresh);
      await untilReceived(2);
      assert.deepEqual(
        server.notifications.map(({ path }) => path),
        ["/cards", "/new"],
      );
    });
  });
});

describe("an attempt to deliver a notification", () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let server: PartnerServer;
  let entry: ClaimedEntry;

  before(async () => {
    opened = await openOwnContext(() => new Date());
    server = new PartnerServer();
    await server.listen();
    const { context } = opened;
    const [partnerId, webhookId] = [randomUUID(), "a".repeat(32)];
    const auditAndOutbox = {
      audit: { subject: partnerId, cardId: null, occurredAt: new Date(), content: "{}" },
      outbox: [],
    };
    await context.store.addPartner(
      { id: partnerId, name: "A partner", mayRegisterMobileNumbers: false, createdAt: new Date() },
      auditAndOutbox,
    );
    const webhook = {
      id: webhookId,
      protocol: "solaris",
      partnerId,
      eventType: "CARD_LIFECYCLE_EVENT",
      url: `${server.url}/cards`,
      sealedSecret: await sealSecret(context, webhookId, "a secret"),
      createdAt: new Date(),
    };
    await context.store.addWebhook(webhook, 1, auditAndOutbox);
    entry = {
      id: randomUUID(),
      orderingKey: webhookId,
      topic: "webhook",
      recipient: webhookId,
      channel: "solaris",
      payload: '{"id":"a card"}',
      sealedText: null,
      createdAt: new Date(),
      attempts: 0,
    };
  });
  after(async () => {
    server.close();
    await opened.close();
  });

  const attempt = (hosts: string, timeoutMs = 30_000, stopping = new AbortController().signal) =>
    solarisWebhooksOf(allowedHosts(hosts, "hosts"), timeoutMs).deliver(opened.context, entry, stopping);

  it("needs the webhook's secret, which is sealed and opens for this webhook alone", async () => {
    const { store } = opened.context;
    const webhook = (await store.findWebhook(entry.recipient ?? "")) ?? assert.fail("the webhook is there");
    assert.ok(!Buffer.from(webhook.sealedSecret.bytes).includes("a secret"));
    const other = { ...webhook, id: "b".repeat(32) };
    const auditAndOutbox = {
      audit: { subject: other.id, cardId: null, occurredAt: new Date(), content: "{}" },
      outbox: [],
    };
    assert.equal(await store.addWebhook(other, 2, auditAndOutbox), "added");
    server.received.length = 0;
    const webhooks = solarisWebhooksOf(allowedHosts("127.0.0.1", "hosts"));
    const stopping = new AbortController().signal;
    await assert.rejects(webhooks.deliver(opened.context, { ...entry, recipient: other.id }, stopping), {
      code: "decryption_failed",
    });
    assert.deepEqual(server.received, []);
  });

  it("ends in time where the server hangs, and is made again later", async () => {
    server.answer = () => null;
    assert.deepEqual(await attempt("127.0.0.1", 50), { reason: "no answer: TimeoutError", isFinal: false });
  });

  it("is given up at once where this server stops", async () => {
    const stopping = new AbortController();
    server.answer = () => {
      stopping.abort();
      return null;
    };
    const failure = { reason: "no answer: AbortError", isFinal: false };
    assert.deepEqual(await attempt("127.0.0.1", 30_000, stopping.signal), failure);
  });

  it("is made again later where nothing listens or the server fails, and not after 410 and 422", async () => {
    for (const [status, isFinal] of [
      [500, false],
      [429, false],
      [404, false],
      [302, false],
      [422, true],
    ] as const) {
      server.answer = () => status;
      assert.deepEqual(await attempt("127.0.0.1"), { reason: `answered ${status}`, isFinal });
    }
    server.answer = () => 204;
    assert.equal(await attempt("127.0.0.1"), null);
  });

  it("posts nothing where the operator no longer allows the host", async () => {
    server.received.length = 0;
    for (const hosts of ["none", "hooks.partner.example", "127.0.0.1:1"])
      assert.deepEqual(await attempt(hosts), { reason: "the operator does not allow its host", isFinal: true });
    assert.deepEqual(server.received, []);
  });
});

describe("Solaris' webhooks where the operator allows no host", () => {
  it("are not made, whatever the URL", async () => {
    const server = new PartnerServer();
    await server.listen();
    const issuer = await startSandboxIssuer({ environment: { LINCHPIN_SOLARIS_WEBHOOK_HOSTS: "none" } });
    try {
      const holder = await SolarisCardholder.create(issuer.url);
      const request = { event_type: "CARD_LIFECYCLE_EVENT", url: server.url };
      assertSolarisError(await holder.partner("POST", "/v1/webhooks", request), 400, "validation_error", "url");
      assert.deepEqual(server.received, []);
    } finally {
      await issuer.stop();
      server.close();
    }
  });
});
