import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { authenticateByKey, authenticatePartner, issueAccessToken } from "../src/callers/authenticate.ts";
import { makeCredential } from "../src/callers/make-credential.ts";
import { makePartner } from "../src/callers/make-partner.ts";
import { revokeCredential } from "../src/callers/revoke-credential.ts";
import type { House } from "../src/context/context.ts";
import { openEmbeddedHouse } from "./embedded-house.ts";

describe("a partner", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openEmbeddedHouse>>;
  let house: House;
  let now: Date;
  let partnerId: string;
  let client: { clientId: string; clientSecret: string };
  const operator = { kind: "operator", name: "test" } as const;

  before(async () => {
    now = new Date("2026-11-22T12:00:00Z");
    opened = await openEmbeddedHouse(() => now);
    ({ house } = opened);
    partnerId = (await makePartner(house, operator, { name: "Partner" })).id;
    client = await makeCredential(house, operator, { partnerId, protocol: "solaris", roles: ["pin"] });
  });
  after(() => opened.close());

  const authenticate = (audience: string, token: string) => authenticatePartner(house, audience, `Bearer ${token}`);

  test("is known by a token where it is meant for, for less than an hour", async () => {
    const { accessToken, expiresInSeconds } = await issueAccessToken(house, "solaris", client);
    const { kind, partnerId: found, clientId } = await authenticate("solaris", accessToken);
    assert.deepEqual([kind, found, clientId, expiresInSeconds], ["partner", partnerId, client.clientId, 3599]);
    await assert.rejects(authenticate("venly", accessToken), { code: "caller_unknown" });
    now = new Date(now.getTime() + 3_599_000);
    await assert.rejects(authenticate("solaris", accessToken), { code: "token_expired" });
    await assert.rejects(authenticate("venly", accessToken), { code: "caller_unknown" });
  });

  test("gets no token for another protocol, by another secret, or by another's client id", async () => {
    const another = await makeCredential(house, operator, { partnerId, protocol: "solaris", roles: [] });
    const refused = { code: "caller_unknown" };
    await assert.rejects(issueAccessToken(house, "venly", client), refused);
    await assert.rejects(
      issueAccessToken(house, "solaris", { ...client, clientSecret: `${client.clientSecret}A` }),
      refused,
    );
    await assert.rejects(issueAccessToken(house, "solaris", { ...client, clientId: another.clientId }), refused);
  });

  test("is known by a key in its own protocol, and a client secret is no key of another", async () => {
    assert.equal((await authenticateByKey(house, "solaris", client.clientSecret)).clientId, client.clientId);
    await assert.rejects(authenticateByKey(house, "adyen", client.clientSecret), { code: "caller_unknown" });
    await assert.rejects(authenticateByKey(house, "solaris", undefined), { code: "credentials_missing" });
  });

  test("is unknown here at once after its credential was revoked, and elsewhere a second later", async () => {
    const { clientId, clientSecret } = await makeCredential(house, operator, {
      partnerId,
      protocol: "solaris",
      roles: [],
    });
    const { accessToken } = await issueAccessToken(house, "solaris", { clientId, clientSecret });
    const elsewhere = { ...house, store: { ...house.store } };
    const anywhere = [house, elsewhere] as const;
    for (const at of anywhere) {
      assert.equal((await authenticatePartner(at, "solaris", `Bearer ${accessToken}`)).clientId, clientId);
      assert.equal((await authenticateByKey(at, "solaris", clientSecret)).clientId, clientId);
    }
    await revokeCredential(house, operator, { partnerId, clientId });
    for (const [wait, at] of [
      [0, house],
      [1001, elsewhere],
    ] as const) {
      await sleep(wait);
      await assert.rejects(authenticatePartner(at, "solaris", `Bearer ${accessToken}`), { code: "caller_unknown" });
      await assert.rejects(authenticateByKey(at, "solaris", clientSecret), { code: "caller_unknown" });
    }
  });
});
