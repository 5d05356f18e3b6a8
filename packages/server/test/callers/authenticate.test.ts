import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { authenticateByKey, authenticatePartner, issueAccessToken } from "../../src/callers/authenticate.ts";
import { makeCredential } from "../../src/callers/make-credential.ts";
import { makePartner } from "../../src/callers/make-partner.ts";
import { revokeCredential } from "../../src/callers/revoke-credential.ts";
import type { Context } from "../../src/context/context.ts";

describe("a partner", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let context: Context;
  let now: Date;
  let partnerId: string;
  let client: { clientId: string; clientSecret: string };
  const operator = { kind: "operator", name: "test" } as const;

  before(async () => {
    now = new Date("2026-11-22T12:00:00Z");
    opened = await openOwnContext(() => now);
    ({ context } = opened);
    partnerId = (await makePartner(context, operator, { name: "Partner", mayRegisterMobileNumbers: false })).id;
    client = await makeCredential(context, operator, { partnerId, protocol: "solaris", roles: ["pin"] });
  });
  after(() => opened.close());

  const authenticate = (audience: string, token: string) => authenticatePartner(context, audience, `Bearer ${token}`);

  test("is known by a token where it is meant for, for less than an hour", async () => {
    const { accessToken, expiresInSeconds } = await issueAccessToken(context, "solaris", client);
    const { kind, partnerId: found, clientId } = await authenticate("solaris", accessToken);
    assert.deepEqual([kind, found, clientId, expiresInSeconds], ["partner", partnerId, client.clientId, 3599]);
    await assert.rejects(authenticate("venly", accessToken), { code: "caller_unknown" });
    now = new Date(now.getTime() + 3_599_000);
    await assert.rejects(authenticate("solaris", accessToken), { code: "token_expired" });
    await assert.rejects(authenticate("venly", accessToken), { code: "caller_unknown" });
  });

  test("gets no token for another protocol, by another secret, or by another's client id", async () => {
    const another = await makeCredential(context, operator, { partnerId, protocol: "solaris", roles: [] });
    const refused = { code: "caller_unknown" };
    await assert.rejects(issueAccessToken(context, "venly", client), refused);
    await assert.rejects(
      issueAccessToken(context, "solaris", { ...client, clientSecret: `${client.clientSecret}A` }),
      refused,
    );
    await assert.rejects(issueAccessToken(context, "solaris", { ...client, clientId: another.clientId }), refused);
  });

  test("is known by a key in its own protocol, and a client secret is no key of another", async () => {
    assert.equal((await authenticateByKey(context, "solaris", client.clientSecret)).clientId, client.clientId);
    await assert.rejects(authenticateByKey(context, "adyen", client.clientSecret), { code: "caller_unknown" });
    await assert.rejects(authenticateByKey(context, "solaris", undefined), { code: "credentials_missing" });
  });

  test("is unknown here at once after its credential was revoked, and elsewhere a second later", async () => {
    const { clientId, clientSecret } = await makeCredential(context, operator, {
      partnerId,
      protocol: "solaris",
      roles: [],
    });
    const { accessToken } = await issueAccessToken(context, "solaris", { clientId, clientSecret });
    const elsewhere = { ...context, store: { ...context.store } };
    const anywhere = [context, elsewhere] as const;
    for (const at of anywhere) {
      assert.equal((await authenticatePartner(at, "solaris", `Bearer ${accessToken}`)).clientId, clientId);
      assert.equal((await authenticateByKey(at, "solaris", clientSecret)).clientId, clientId);
    }
    await revokeCredential(context, operator, { partnerId, clientId });
    for (const [wait, at] of [
      [0, context],
      [1001, elsewhere],
    ] as const) {
      await sleep(wait);
      await assert.rejects(authenticatePartner(at, "solaris", `Bearer ${accessToken}`), { code: "caller_unknown" });
      await assert.rejects(authenticateByKey(at, "solaris", clientSecret), { code: "caller_unknown" });
    }
  });
});
