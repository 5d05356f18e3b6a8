import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { AdyenCardholder } from "@linchpin/testing/adyen";
import type { Answer } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import Fastify from "fastify";
import { issuer as issuerApi } from "../../src/admin/index.ts";
import { ownSettings } from "../../src/protocol.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";

type ComparedSecrets = Readonly<Record<string, readonly string[] | null>>;

const ofProtocols = await Promise.all(
  protocolTable.map(
    ({ name }): Promise<{ comparedSecrets: ComparedSecrets }> => import(`../protocols/${name}/compared-secrets.ts`),
  ),
);
/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
const routes: ComparedSecrets = Object.assign(
  { "POST /issuer/v1/cards/:id/pin/verify": ["mismatch"] },
  ...ofProtocols.map(({ comparedSecrets }) => comparedSecrets),
);

it("every route that something is sent to says whether it compares a secret", async () => {
  const found: Record<string, readonly string[] | null> = {};
  const { context, close } = await openOwnContext(() => new Date());
  const settings = readSettings({ LINCHPIN_MODE: "sandbox" });
  const explain = async () => undefined;
  const app = Fastify();
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const one of [method].flat())
      if (!["GET", "HEAD", "OPTIONS"].includes(one)) found[`${one} ${url}`] = config?.wrongSecrets ?? null;
  });
  for (const protocol of protocolTable)
    await app.register(
      (below) => protocol.routes(below, { context, explain, settings: ownSettings(protocol, settings), sandbox: null }),
      { prefix: protocol.prefix },
    );
  await app.register(issuerApi, { prefix: "/issuer/v1", context, protocols: protocolTable, explain });
  await app.ready();
  const operators = Object.keys(found).filter((route) => / \/issuer\/v1\//.test(route) && routes[route] === undefined);
  for (const route of operators) {
    assert.equal(found[route], null, route);
    delete found[route];
  }
  await app.close();
  await close();
  assert.deepEqual(found, routes);
});

const perMinute = 3;

describe("a caller who is wrong too often in a minute", () => {
  let now = new Date("2026-11-22T12:00:10Z");
  let issuer: SandboxIssuer;
  before(async () => {
    const environment = { LINCHPIN_WRONG_SECRETS_PER_MINUTE: String(perMinute) };
    issuer = await startSandboxIssuer({ environment, clock: () => now });
  });
  after(() => issuer.stop());

  /** The statuses of `guess`, made more often than is allowed. */
  const statusesOf = async (guess: () => Promise<Answer>) => {
    const statuses = [];
    for (let count = 0; count < perMinute + 2; count++) statuses.push((await guess()).status);
    return statuses;
  };
  const limited = (status: number) => [...Array(perMinute).fill(status), 429, 429];

  it("waits with OTPs of bindings, however many bindings are begun", async () => {
    const holder = await SolarisCardholder.create(issuer.url);
    const guess = async () => {
      const { challengeId, key } = await holder.beginBinding();
      return holder.proveBinding(challengeId, key, "000000");
    };
    const [wrong = 0, ...others] = await statusesOf(guess);
    assert.ok(wrong >= 400 && wrong < 429, String(wrong));
    assert.deepEqual([wrong, ...others], limited(wrong));
  });

  it("waits with activation codes", async () => {
    now = new Date("2026-11-22T12:01:10Z");
    const holder = await SolarisCardholder.create(issuer.url);
    const asked = {
      person_id: holder.sandbox.solaris.personId,
      origin: "MOBILE_APP",
      purpose: "DEVICE_BINDING",
      delivery_method: "SNAILMAIL",
    };
    assert.equal((await holder.partner("POST", "/v1/mfa/challenges/activation", asked)).status, 201);
    const guess = async () => {
      const { challengeId, key } = await holder.beginBinding({ challenge_type: "activation_code" });
      return holder.proveBinding(challengeId, key, "000000");
    };
    const [wrong = 0, ...others] = await statusesOf(guess);
    assert.deepEqual([wrong, ...others], limited(wrong));
  });

  it("waits with former PINs, on whichever cards", async () => {
    const holder = await AdyenCardholder.create(issuer.url);
    const guess = async () => {
      const other = await holder.inProgram({ policy: { formerPins: 1 } });
      assert.equal((await other.changePin("1928")).status, 200);
      return other.changePin("1928");
    };
    // Each guess sets a PIN first, which is right and gives its reservation back.
    const statuses = [];
    for (let count = 0; count < perMinute; count++) statuses.push((await guess()).status);
    assert.deepEqual(statuses, Array(perMinute).fill(422));
    assert.equal((await holder.changePin("2846")).status, 429);
  });

  it("gains nothing by bodies that are held back and released together", async () => {
    now = new Date("2026-11-22T12:02:10Z");
    const holder = await SolarisCardholder.create(issuer.url);
    assert.equal((await holder.changePin("1928", await holder.bindDevice())).status, 204);
    const { baseUrl, apiKey, cardId } = holder.sandbox.issuer;
    const bodies = await Promise.all(Array.from({ length: 12 }, () => holder.seal("2846")));
    const url = `${baseUrl}/cards/${cardId}/pin/verify`;
    const held = bodies.map((body) => holdBack(url, apiKey, JSON.stringify(body)));
    await new Promise((resolve) => setTimeout(resolve, 300)); // all but their last bytes have arrived
    const statuses = await Promise.all(held.map((release) => release()));
    assert.equal(statuses.filter((status) => status !== 429).length, perMinute);
  });
});

/** Sends all of a request but its last byte; what it returns sends that, and resolves to the answer's status. */
function holdBack(url: string, bearer: string, body: string): () => Promise<number | undefined> {
  const headers = {
    authorization: `Bearer ${bearer}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  const held = request(url, { method: "POST", headers, agent: false });
  held.write(body.slice(0, -1));
  return async () => {
    held.end(body.slice(-1));
    const [response] = await once(held, "response");
    response.resume();
    return response.statusCode;
  };
}
