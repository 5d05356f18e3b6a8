import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, test } from "node:test";
import { utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardData, openCardPin } from "@linchpin/protocols/plumery/device";
import { ErrorReply } from "@linchpin/protocols/plumery/wire";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { unusableClientKeys } from "@linchpin/test-fixtures/messages/unusable-client-keys";
import { withoutIdentifiers } from "@linchpin/test-fixtures/messages/without-identifiers";
import { type Answer, call } from "@linchpin/testing/call";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import pino from "pino";
import { Value } from "typebox/value";

const urn = "urn:plmr:cards:connector";

describe("Plumery", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  /** A cardholder whose PIN is 1928, and a client of Plumery's that asks for their card. */
  async function withPin(): Promise<{ holder: SolarisCardholder; client: PlumeryClient }> {
    const holder = await SolarisCardholder.create(issuer.url);
    const changed = await holder.changePin("1928", await holder.bindDevice());
    assert.equal(changed.status, 204);
    return { holder, client: await PlumeryClient.create(holder.sandbox) };
  }

  function assertRefused(answer: Answer, name: string, fieldErrors: [string, string][] = [], status = 400): void {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.ok(Value.Check(ErrorReply, answer.body));
    assert.equal(answer.body.code, `${urn}:${name}`);
    const fields = answer.body.fieldErrors.map(({ field, code }) => [field, code]);
    assert.deepEqual(
      fields,
      fieldErrors.map(([field, code]) => [field, `${urn}:${code}`]),
    );
    assert.match(answer.body.requestId, /^[0-9a-f-]{36}$/);
  }

  /** The newest audit event of the holder's card. */
  async function newestEvent(holder: SolarisCardholder) {
    return (await holder.auditEvents()).at(-1);
  }

  const setState = (holder: SolarisCardholder, state: string) =>
    holder.operator("PATCH", `/cards/${holder.sandbox.issuer.cardId}`, { state });

  async function blockPin(holder: SolarisCardholder): Promise<void> {
    for (const digits of ["1111", "2222", "3333"]) await holder.verify(digits);
    assert.equal((await holder.card()).pin.status, "blocked");
  }

  describe("reveals a PIN", () => {
    for (const format of ["spki", "raw"] as const)
      test(`to plain WebCrypto, a key in ${format}: its own key in the same`, async () => {
        const { holder } = await withPin();
        const client = await PlumeryClient.create(holder.sandbox, format);
        const answer = await client.pin();
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("cache-control"), "no-store");
        assert.deepEqual(Object.keys(answer.body), ["encryptedPayload"]);
        assert.equal(answer.body.encryptedPayload.ephemeralPublicKey.length, client.header.length);
        assert.deepEqual(await client.open(answer.body.encryptedPayload), { pin: "1928" });
      });

    test("to the device half", async () => {
      const { client } = await withPin();
      const revealKey = await makeRevealKey(primitives);
      const { body } = await client.pin({ "X-Client-Public-Key": revealKey.publicKeyBase64 });
      const pin = await openCardPin(primitives, { revealKey, payload: body.encryptedPayload });
      assert.deepEqual(pin.asciiDigits(), utf8("1928"));
    });

    test("as it is now, and with its leading zero", async () => {
      const { holder, client } = await withPin();
      await holder.changePin("0480", await holder.bindDevice());
      assert.deepEqual(await client.revealedPin(), { pin: "0480" });
    });

    test("leaving an audit event, which names the key by its digest", async () => {
      const { holder, client } = await withPin();
      const { body } = await client.pin();
      const { operation, outcome, pinVersion, clientPublicKeyHmac, content } = await newestEvent(holder);
      assert.deepEqual([operation, outcome, pinVersion], ["plumery.cards.pin", "done", 1]);
      assert.match(clientPublicKeyHmac.hmacSha256, /^[0-9a-f]{64}$/);
      for (const secret of ["1928", client.header, body.encryptedPayload.ciphertext])
        assert.ok(!withoutIdentifiers(content).includes(secret));
    });

    test("anew each time: two answers to one key share nothing", async () => {
      const { holder, client } = await withPin();
      const answers = await Promise.all(Array.from({ length: 12 }, () => client.pin()));
      for (const member of ["iv", "salt", "ephemeralPublicKey", "ciphertext"])
        assert.equal(new Set(answers.map(({ body }) => body.encryptedPayload[member])).size, 12, member);
      const events = await holder.auditEvents();
      assert.equal(events.filter(({ operation }) => operation === "plumery.cards.pin").length, 12);
    });

    test("and PAN of the sandbox's one card, after a restart too", async (t) => {
      const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-plumery-"));
      t.after(() => rm(dataFolder, { recursive: true }));
      const first = await startSandboxIssuer({ dataFolder });
      const holder = await SolarisCardholder.create(first.url, { fresh: false });
      assert.equal((await holder.changePin("7351", await holder.bindDevice())).status, 204);
      const client = await PlumeryClient.create(holder.sandbox);
      const data = await client.open((await client.card()).body.encryptedPayload);
      await first.stop();

      const second = await startSandboxIssuer({ dataFolder });
      t.after(() => second.stop());
      const { plumery } = (await call("GET", `${second.url}/sandbox`)).body;
      assert.deepEqual(plumery, { ...holder.sandbox.plumery, baseUrl: `${second.url}/plumery` });
      const again = await PlumeryClient.create({ plumery });
      assert.deepEqual(await again.revealedPin(), { pin: "7351" });
      assert.deepEqual(await again.open((await again.card()).body.encryptedPayload), data);
    });
  });

  describe("reveals PAN and CVV2", () => {
    test("of a sandbox card: 16 digits of a test IIN, fresh for each card, the same for each reveal", async () => {
      const holders = [await SolarisCardholder.create(issuer.url), await SolarisCardholder.create(issuer.url)];
      const pans = new Set();
      for (const holder of holders) {
        const client = await PlumeryClient.create(holder.sandbox, "raw");
        const answer = await client.card();
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("cache-control"), "no-store");
        assert.deepEqual(Object.keys(answer.body), ["token", "expirationDate", "encryptedPayload"]);
        assert.equal(answer.body.token, holder.sandbox.plumery.cardToken);
        assert.match(answer.body.expirationDate, /^(0[1-9]|1[0-2])\/\d\d$/);
        const opened = (await client.open(answer.body.encryptedPayload)) as { pan: string; cvv2: string };
        assert.deepEqual(Object.keys(opened), ["pan", "cvv2"]);
        assert.match(opened.pan, /^999999\d{10}$/);
        assert.match(opened.cvv2, /^\d{3}$/);
        assert.deepEqual(await client.open((await client.card()).body.encryptedPayload), opened);
        pans.add(opened.pan);
      }
      assert.equal(pans.size, 2);
    });

    test("as the operator set them, to the device half, with a blocked PIN too", async () => {
      const { holder, client } = await withPin();
      const data = { pan: "999999012345678", cvv2: "0471", expiration: { month: 3, year: 2031 } };
      data.pan += luhnDigit(data.pan);
      const set = await holder.operator("PUT", `/cards/${holder.sandbox.issuer.cardId}/data`, data);
      assert.equal(set.status, 204);
      await blockPin(holder);
      const revealKey = await makeRevealKey(primitives);
      const { body } = await client.card({ "X-Client-Public-Key": revealKey.publicKeyBase64 });
      assert.equal(body.expirationDate, "03/31");
      const opened = await openCardData(primitives, { revealKey, payload: body.encryptedPayload });
      assert.deepEqual(opened, { pan: data.pan, cvv2: data.cvv2 });
      const { operation, outcome, content } = await newestEvent(holder);
      assert.deepEqual([operation, outcome], ["plumery.cards", "done"]);
      assert.ok(!content.includes(data.pan));
    });
  });

  describe("refuses", () => {
    for (const [what, value] of Object.entries(unusableClientKeys))
      test(`a client key: ${what}`, async () => {
        const holder = await sharedHolder();
        const client = await PlumeryClient.create(holder.sandbox);
        for (const reveal of [client.pin.bind(client), client.card.bind(client)]) {
          assertRefused(await reveal({ "X-Client-Public-Key": value }), "INVALID_CLIENT_PUBLIC_KEY");
          const { outcome, code } = await newestEvent(holder);
          assert.deepEqual([outcome, code], ["refused", "public_key_unusable"]);
        }
      });

    test("a request without a client key, or with an empty one", async () => {
      const client = await PlumeryClient.create((await sharedHolder()).sandbox);
      const field = "X-Client-Public-Key";
      for (const reveal of [client.pin.bind(client), client.card.bind(client)]) {
        assertRefused(await reveal({}), "INVALID_CLIENT_PUBLIC_KEY", [[field, "NOT_NULL"]]);
        for (const blank of ["", "   "])
          assertRefused(await reveal({ [field]: blank }), "INVALID_CLIENT_PUBLIC_KEY", [[field, "NOT_BLANK"]]);
      }
    });

    test("the header twice, each time with a good key", async () => {
      const { sandbox } = await sharedHolder();
      const [one, two] = [await PlumeryClient.create(sandbox), await PlumeryClient.create(sandbox)];
      const { plumery } = sandbox;
      const body = await sendTwice(`${plumery.baseUrl}/internal/v1/cards/${plumery.cardToken}/pin`, {
        authorization: `Bearer ${plumery.bearerToken}`,
        "x-client-public-key": [one.header, two.header],
      });
      assert.equal(body.code, `${urn}:INVALID_CLIENT_PUBLIC_KEY`);
    });

    test("a header that is larger than any request may be", async () => {
      const client = await PlumeryClient.create((await sharedHolder()).sandbox);
      assert.equal((await client.pin({ "X-Client-Public-Key": "A".repeat(20_000) })).status, 431);
    });

    test("a token that is no card's, whatever its shape: there is no 404", async () => {
      const { sandbox } = await sharedHolder();
      const client = await PlumeryClient.create(sandbox);
      const { cardToken } = sandbox.plumery;
      const others = [
        crypto.randomUUID(),
        cardToken.toUpperCase(),
        sandbox.issuer.cardId,
        sandbox.solaris.cardAccountId,
        `${cardToken}%20`,
        "%00",
        "%27%20or%201=1",
        "x".repeat(65),
        "x".repeat(500),
        "",
      ];
      for (const token of others) assertRefused(await client.pin(undefined, token), "CARD_NOT_FOUND");
      for (const token of others.slice(0, -1)) assertRefused(await client.card(undefined, token), "CARD_NOT_FOUND");
    });

    test("another partner's card as one that is not there", async () => {
      const { holder, client } = await withPin();
      const another = await holder.operator("POST", "/partners", { name: "Another" });
      const asked = { protocol: "plumery" };
      const { body } = await holder.operator("POST", `/partners/${another.body.id}/credentials`, asked);
      const { plumery } = holder.sandbox;
      const stranger = await PlumeryClient.create({ plumery: { ...plumery, bearerToken: body.clientSecret } });
      assertRefused(await stranger.pin(), "CARD_NOT_FOUND");
      assertRefused(await stranger.card(), "CARD_NOT_FOUND");
      assert.deepEqual(await client.revealedPin(), { pin: "1928" });
    });

    test("a terminated card", async () => {
      const { holder, client } = await withPin();
      await setState(holder, "terminated");
      assertRefused(await client.pin(), "CARD_ALREADY_TERMINATED");
      assertRefused(await client.card(), "CARD_ALREADY_TERMINATED");
      const { operation, outcome, code } = await newestEvent(holder);
      assert.deepEqual([operation, outcome, code], ["plumery.cards", "refused", "card_terminated"]);
    });

    test("a blocked card, until it is active again", async () => {
      const { holder, client } = await withPin();
      await setState(holder, "blocked");
      assertRefused(await client.pin(), "INVALID_CARD_STATE");
      assertRefused(await client.card(), "INVALID_CARD_STATE");
      assert.equal((await newestEvent(holder)).code, "card_blocked");
      await setState(holder, "active");
      assert.deepEqual(await client.revealedPin(), { pin: "1928" });
    });

    test("a blocked PIN, until it is unblocked", async () => {
      const { holder, client } = await withPin();
      await blockPin(holder);
      assertRefused(await client.pin(), "INVALID_CARD_STATE");
      assert.equal((await newestEvent(holder)).code, "pin_blocked");
      await holder.operator("POST", `/cards/${holder.sandbox.issuer.cardId}/pin/unblock`);
      assert.deepEqual(await client.revealedPin(), { pin: "1928" });
    });

    test("a PIN that is not set", async () => {
      const holder = await SolarisCardholder.create(issuer.url);
      const client = await PlumeryClient.create(holder.sandbox);
      assertRefused(await client.pin(), "INVALID_CARD_STATE");
      assert.equal((await newestEvent(holder)).code, "pin_not_set");
    });

    test("PAN and CVV2 of a card that has none here", async () => {
      const holder = await SolarisCardholder.create(issuer.url);
      const { personId } = holder.sandbox.solaris;
      const made = await holder.operator("POST", "/cards", { personId, programId: "sandbox" });
      const client = await PlumeryClient.create(holder.sandbox);
      assertRefused(await client.card(undefined, made.body.names.plumery), "INVALID_CARD_STATE");
      const { body: events } = await holder.operator("GET", `/audit-events?cardId=${made.body.id}`);
      assert.deepEqual([events.at(-1).outcome, events.at(-1).code], ["refused", "card_data_not_set"]);
    });

    test("who has no token, another, another protocol's, or one by another scheme", async () => {
      const holder = await sharedHolder();
      const { plumery, solaris, issuer: operator } = holder.sandbox;
      const url = `${plumery.baseUrl}/internal/v1/cards/${plumery.cardToken}/pin`;
      const { header } = await PlumeryClient.create(holder.sandbox);
      const ask = (headers: Record<string, string>) =>
        call("GET", url, { headers: { "X-Client-Public-Key": header, ...headers } });
      assertRefused(await ask({}), "UNAUTHORIZED", [], 401);
      for (const token of [`${plumery.bearerToken}x`, holder.token, solaris.clientSecret, operator.apiKey, ""])
        assertRefused(await ask({ authorization: `Bearer ${token}` }), "UNAUTHORIZED", [], 401);
      const basic = btoa(`sandbox-plumery:${plumery.bearerToken}`);
      assertRefused(await ask({ authorization: `Basic ${basic}` }), "UNAUTHORIZED", [], 401);
      assertRefused(await ask({ "x-api-key": plumery.bearerToken }), "UNAUTHORIZED", [], 401);
    });

    test("a token that was revoked", async () => {
      const holder = await sharedHolder();
      const path = "/partners/sandbox/credentials";
      const { body } = await holder.operator("POST", path, { protocol: "plumery" });
      const { plumery } = holder.sandbox;
      const client = await PlumeryClient.create({ plumery: { ...plumery, bearerToken: body.clientSecret } });
      assert.equal((await client.card()).status, 200);
      await holder.operator("DELETE", `${path}/${body.clientId}`);
      assertRefused(await client.card(), "UNAUTHORIZED", [], 401);
    });

    test("methods and paths that the connector does not have", async () => {
      const { sandbox } = await sharedHolder();
      const client = await PlumeryClient.create(sandbox);
      const path = `/internal/v1/cards/${sandbox.plumery.cardToken}`;
      for (const method of ["POST", "PUT", "DELETE", "PATCH"])
        assertRefused(await client.call(method, `${path}/pin`), "NOT_FOUND", [], 404);
      for (const other of [`${path}/pin/`, `${path}/PIN`, "/internal/v1/cards", `/internal/v2/cards/x`])
        assertRefused(await client.call("GET", other), "NOT_FOUND", [], 404);
    });

    let shared: Promise<SolarisCardholder> | undefined;
    /** Their PIN is set; nobody blocks anything of theirs. */
    function sharedHolder(): Promise<SolarisCardholder> {
      shared ??= withPin().then(({ holder }) => holder);
      return shared;
    }
  });

  test("what was revealed stands in no log, no audit event and no file", async (t) => {
    let logged = "";
    const lines = new PassThrough().on("data", (chunk) => {
      logged += chunk;
    });
    const talkative = await startSandboxIssuer({ embedded: true, log: pino({ level: "trace" }, lines) });
    t.after(() => talkative.stop());
    const holder = await SolarisCardholder.create(talkative.url);
    const { cardId } = holder.sandbox.issuer;
    const account = "914273865042197";
    const data = { pan: account + luhnDigit(account), cvv2: "4718", expiration: { month: 3, year: 2031 } };
    assert.equal((await holder.operator("PUT", `/cards/${cardId}/data`, data)).status, 204);
    await holder.operator("PUT", `/cards/${cardId}/data`, { ...data, pan: `${account}x` });
    const client = await PlumeryClient.create(holder.sandbox);
    const revealed = await client.open((await client.card()).body.encryptedPayload);
    assert.deepEqual(revealed, { pan: data.pan, cvv2: data.cvv2 });
    assert.ok(logged.includes("/internal/v1/cards/:token"), "there is a log");
    const files = await readdir(talkative.dataFolder, { recursive: true, withFileTypes: true });
    const contents = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
    for (const text of [logged, JSON.stringify(await holder.auditEvents()), ...contents])
      assert.ok(!text.includes(account));
  });

  test("the info that both sides agreed on goes into the key", async () => {
    const agreed = await startSandboxIssuer({ environment: { LINCHPIN_PLUMERY_HKDF_INFO: "plumery:cards" } });
    try {
      const holder = await SolarisCardholder.create(agreed.url);
      const client = await PlumeryClient.create(holder.sandbox);
      const { encryptedPayload } = (await client.card()).body;
      const opened = (await client.open(encryptedPayload, utf8("plumery:cards"))) as object;
      assert.deepEqual(Object.keys(opened), ["pan", "cvv2"]);
      await assert.rejects(client.open(encryptedPayload));
      await assert.rejects(client.open(encryptedPayload, utf8("plumery:cards ")));
    } finally {
      await agreed.stop();
    }
  });
});

/** The check digit, by the book: ISO/IEC 7812-1 Annex B. */
function luhnDigit(digits: string): string {
  const weighed = [...digits].reverse().map((digit, index) => Number(digit) * (index % 2 === 0 ? 2 : 1));
  const sum = [...weighed.join("")].reduce((total, digit) => total + Number(digit), 0);
  return String((10 - (sum % 10)) % 10);
}

/** By node:http, as fetch would join the values itself. */
function sendTwice(url: string, headers: Record<string, string | string[]>): Promise<{ code: string }> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text));
    })
      .on("error", reject)
      .end();
  });
}
