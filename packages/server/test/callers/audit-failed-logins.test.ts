import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { until } from "@linchpin/test-fixtures/system/until";
import Fastify, { type FastifyInstance } from "fastify";
import { createApp } from "../../src/app.ts";
import { auditFailedLogins, makeCredential, makePartner } from "../../src/callers/index.ts";
import type { Context } from "../../src/context/context.ts";
import { answerErrors, describeProblem, scopeRequests } from "../../src/http/index.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";

describe("failed log-ins", { timeout: 60_000 }, () => {
  const operator = { kind: "operator", name: "test" } as const;
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let context: Context;
  let clientId: string;

  before(async () => {
    opened = await openOwnContext(() => new Date());
    ({ context } = opened);
    const partner = await makePartner(context, operator, { name: "Partner", mayRegisterMobileNumbers: false });
    ({ clientId } = await makeCredential(context, operator, { partnerId: partner.id, protocol: "solaris", roles: [] }));
  });
  after(() => opened.close());

  const openApp = () =>
    createApp(context, {
      protocols: protocolTable,
      settings: readSettings({ LINCHPIN_MODE: "sandbox" }),
      sandbox: null,
    });

  async function loginEvents() {
    const all = [];
    for (let shard = 0; shard < 16; shard++)
      all.push(...(await context.store.listShardAuditEvents(shard, { afterSequence: 0n, limit: 1000 })));
    return all
      .map(({ content }) => JSON.parse(content))
      .filter(({ operation }) => operation === "issuer.log_in")
      .map(({ outcome, code, basePath, clientId, count, requestId }) => ({
        ...{ outcome, code, basePath, count },
        ...(clientId === undefined ? {} : { clientId }),
        ...(requestId === undefined ? {} : { requestId }),
      }));
  }

  const askForToken = (app: FastifyInstance, id: string, secret: string) =>
    app.inject({
      method: "POST",
      url: "/solaris/oauth2/token",
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: "grant_type=client_credentials",
    });

  it("leave an audit event at once, of token endpoints, API keys, tokens and operators", async () => {
    const app = await openApp();
    const attempts = [
      await askForToken(app, clientId, "wrong"),
      await askForToken(app, "made-up", "wrong"),
      await app.inject({ method: "POST", url: "/adyen/bcl/v2/pins/reveal", headers: { "x-api-key": "wrong" } }),
      await app.inject({ url: "/plumery/internal/v1/cards/none/pin", headers: { authorization: "Bearer wrong" } }),
      await app.inject({ url: "/venly/api/users", headers: { authorization: "Bearer wrong" } }),
      await app.inject({ url: "/issuer/v1/keys", headers: { authorization: "Bearer wrong" } }),
    ];
    for (const { statusCode } of attempts) assert.equal(statusCode, 401);
    await until(async () => (await loginEvents()).length === attempts.length);
    const refused = { outcome: "refused", code: "caller_unknown", count: 1 };
    const ids = attempts.map(({ headers }) => headers["x-request-id"]);
    assert.deepEqual(
      new Set(await loginEvents()),
      new Set([
        { ...refused, basePath: "/solaris", clientId, requestId: ids[0] },
        { ...refused, basePath: "/solaris", requestId: ids[1] },
        { ...refused, basePath: "/adyen", requestId: ids[2] },
        { ...refused, basePath: "/plumery", requestId: ids[3] },
        { ...refused, basePath: "/venly", requestId: ids[4] },
        { ...refused, basePath: "/issuer", requestId: ids[5] },
      ]),
    );
    await app.close();
  });

  it("in a flood leave two events for each client that exists, and two for all others", async () => {
    const before = (await loginEvents()).length;
    const app = await openApp();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => [
        askForToken(app, clientId, `wrong ${index}`),
        askForToken(app, `made-up-${index}`, "wrong"),
      ]).flat(),
    );
    await app.close();
    const counts = (await loginEvents()).map(({ count, clientId }) => ({ count, clientId }));
    assert.equal(counts.length - before, 4);
    assert.equal(counts.filter(({ count, clientId: of }) => count === 49 && of === clientId).length, 1);
    assert.equal(counts.filter(({ count, clientId: of }) => count === 49 && of === undefined).length, 1);
  });

  it("name no client that does not exist, as it may be a secret in the wrong field", async () => {
    const app = await openApp();
    await askForToken(app, "4711471147114711", "wrong");
    await app.close();
    assert.ok(!JSON.stringify(await loginEvents()).includes("4711471147114711"));
  });

  it("are counted each minute, not only at the end", async () => {
    const app = Fastify();
    scopeRequests(app);
    answerErrors(app, async () => undefined, describeProblem);
    auditFailedLogins(app, context, 20);
    app.get("/api/anything", () => {
      throw new LinchpinError("caller_unknown");
    });
    for (let attempt = 0; attempt < 3; attempt++) await app.inject("/api/anything");
    const counts = async () =>
      (await loginEvents()).flatMap(({ basePath, count }) => (basePath === "/api" ? count : []));
    await until(async () => (await counts()).reduce((sum, count) => sum + count, 0) === 3);
    assert.ok((await counts()).length >= 2);
    await app.close();
  });
});
