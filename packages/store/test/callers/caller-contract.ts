import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import { addPartner, earlier, eventsOf, freshId, hashOf, later, now, written } from "../fresh-records.ts";

/** What every store must do with partners, credentials, tokens and operators. */
export function callerContract(storeOf: () => Store): void {
  describe("partners, credentials, tokens, operators", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a partner is found and listed as it was added", async () => {
      const partner = { id: freshId("partner"), name: "Bänk", mayRegisterMobileNumbers: true, createdAt: now };
      assert.equal(await store.addPartner(partner, written("partner")), "added");
      assert.deepEqual(await store.findPartner(partner.id), partner);
      assert.deepEqual(
        (await store.listPartners()).filter(({ id }) => id === partner.id),
        [partner],
      );
      assert.equal(await store.findPartner("nobody"), null);
    });

    test("a partner's setting is updated, an unknown partner's is not", async () => {
      const subject = freshId("subject");
      const id = await addPartner(store);
      const change = { id, mayRegisterMobileNumbers: false };
      assert.equal(await store.updatePartner(change, written("updated", subject)), "updated");
      assert.equal((await store.findPartner(id))?.mayRegisterMobileNumbers, false);
      assert.equal((await store.listPartners()).find((one) => one.id === id)?.mayRegisterMobileNumbers, false);
      assert.equal(await store.updatePartner({ ...change, id: "nobody" }, written("refused", subject)), "unknown");
      assert.deepEqual(await eventsOf(store, subject), ["updated"]);
    });

    test("a partner's id is taken once, and a refused one leaves no trace", async () => {
      const id = freshId("partner");
      const subject = freshId("subject");
      await store.addPartner(
        { id, name: "first", mayRegisterMobileNumbers: false, createdAt: now },
        written("partner"),
      );
      const second = { id, name: "second", mayRegisterMobileNumbers: false, createdAt: now };
      assert.equal(await store.addPartner(second, written("refused", subject)), "exists");
      assert.equal((await store.findPartner(id))?.name, "first");
      assert.deepEqual(await eventsOf(store, subject), []);
    });

    test("a credential is found by its kind alone", async () => {
      const credential = await addCredential(store);
      assert.deepEqual(await store.findCredential("solaris", credential.clientId), credential);
      assert.deepEqual(await store.findCredentialBySecret("solaris", credential.secretHash), credential);
      assert.equal(await store.findCredential("adyen", credential.clientId), null);
      assert.equal(await store.findCredentialBySecret("adyen", credential.secretHash), null);
      assert.equal(await store.findCredential("solaris", "nobody"), null);
      assert.equal(await store.findCredentialBySecret("solaris", hashOf("nothing")), null);
    });

    test("a credential needs a partner, and a client id and a secret that are not taken", async () => {
      const credential = await addCredential(store);
      const another = { ...credential, clientId: freshId("client"), secretHash: hashOf(freshId("secret")) };
      const add = (change: object) => store.addCredential({ ...another, ...change }, written("credential"));
      assert.equal(await add({ partnerId: "nobody" }), "partner_unknown");
      assert.equal(await add({ clientId: credential.clientId }), "exists");
      assert.equal(await add({ secretHash: credential.secretHash }), "exists");
      assert.equal(await add({ secretHash: credential.secretHash, kind: "adyen" }), "added");
    });

    test("a revoked credential is gone with its tokens, also those it is given afterwards", async () => {
      const { clientId, partnerId, secretHash } = await addCredential(store);
      const token = { clientId, partnerId, audience: "solaris", expiresAt: later };
      await store.addAccessToken({ ...token, tokenHash: hashOf(`${clientId} 1`) });
      const another = { partnerId: await addPartner(store), clientId };
      assert.equal(await store.revokeCredential(another, now, written("revoked")), "unknown");
      assert.notEqual(await store.findCredential("solaris", clientId), null);
      assert.equal(await store.revokeCredential({ partnerId, clientId }, now, written("revoked")), "revoked");
      await store.addAccessToken({ ...token, tokenHash: hashOf(`${clientId} 2`) });
      assert.equal(await store.findCredential("solaris", clientId), null);
      assert.equal(await store.findCredentialBySecret("solaris", secretHash), null);
      assert.equal(await store.findAccessToken(hashOf(`${clientId} 1`)), null);
      assert.equal(await store.findAccessToken(hashOf(`${clientId} 2`)), null);
      assert.equal(await store.revokeCredential({ partnerId, clientId }, now, written("revoked")), "unknown");
      assert.equal(await store.revokeCredential({ partnerId, clientId: "nobody" }, now, written("revoked")), "unknown");
    });

    test("a token is found, expired or not, until it is deleted", async () => {
      const { clientId, partnerId } = await addCredential(store);
      const expired = {
        tokenHash: hashOf(`${clientId} 1`),
        clientId,
        partnerId,
        audience: "solaris",
        expiresAt: earlier,
      };
      const alive = { ...expired, tokenHash: hashOf(`${clientId} 2`), expiresAt: later };
      await store.addAccessToken(expired);
      await store.addAccessToken(alive);
      assert.deepEqual(await store.findAccessToken(expired.tokenHash), expired);
      assert.equal(await store.findAccessToken(hashOf("nothing")), null);
      assert.equal(await store.deleteExpiredAccessTokens(now), 1);
      assert.equal(await store.findAccessToken(expired.tokenHash), null);
      assert.deepEqual(await store.findAccessToken(alive.tokenHash), alive);
    });

    test("a token of a credential that does not exist is refused", async () => {
      const token = {
        tokenHash: hashOf("x"),
        clientId: "nobody",
        partnerId: "p",
        audience: "solaris",
        expiresAt: later,
      };
      await assert.rejects(store.addAccessToken(token), isRefused);
    });

    test("a partner's credentials are listed without secrets, revoked ones not", async () => {
      const { secretHash, ...credential } = await addCredential(store);
      const { partnerId } = credential;
      const revoked = { ...credential, clientId: freshId("client"), secretHash: hashOf(freshId("secret")) };
      await store.addCredential(revoked, written("credential"));
      await store.revokeCredential(revoked, now, written("revoked"));
      await addCredential(store);
      assert.deepEqual(await store.listCredentials(partnerId), [credential]);
      assert.deepEqual(await store.listCredentials("nobody"), []);
    });

    const operatorOf = (name: string) => ({ apiKeyHash: hashOf(freshId("key")), name, createdAt: now });

    test("of the wrong secrets of a name in a minute, no more are granted than the limit, until they are deleted", async () => {
      const name = freshId("caller");
      const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
      const ask = (at: Date, amount = 1, of = name) => store.reserveWrongSecrets(of, at, { amount, limit: 10 });
      const within = [0, 1, 30_000, 59_999].map((ms) => new Date(minute.getTime() + ms));
      const granted = await Promise.all(within.map((at) => ask(at, 4)));
      assert.deepEqual(granted.toSorted(), [0, 2, 4, 4]);
      assert.equal(await ask(minute), 0);
      const next = new Date(minute.getTime() + 60_000);
      assert.equal(await ask(next, 11), 10);
      assert.equal(await ask(next, 3, `${name} elsewhere`), 3);
      assert.equal(await store.deleteWrongSecretCounts(next), 1);
      assert.equal(await ask(minute), 1);
      assert.equal(await ask(next), 0);
    });

    test("an operator is found by the API key alone; key and name are taken once", async () => {
      const subject = freshId("subject");
      const operator = operatorOf(freshId("ops"));
      assert.equal(await store.addOperator(operator, written("added", subject)), "added");
      assert.deepEqual(await store.findOperator(operator.apiKeyHash), operator);
      assert.equal(await store.findOperator(hashOf("another")), null);
      const thief = { ...operator, name: freshId("thief") };
      assert.equal(await store.addOperator(thief, written("again", subject)), "exists");
      assert.equal(await store.addOperator(operatorOf(operator.name), written("again", subject)), "exists");
      assert.equal((await store.findOperator(operator.apiKeyHash))?.name, operator.name);
      assert.deepEqual(await eventsOf(store, subject), ["added"]);
    });

    test("operators are listed without keys, and deleted but for the last one", async () => {
      const subject = freshId("subject");
      const operator = operatorOf(freshId("ops"));
      await store.addOperator(operator, written("added"));
      await store.addOperator(operatorOf(freshId("ops")), written("added"));
      const listed = (await store.listOperators()).find(({ name }) => name === operator.name);
      assert.deepEqual(listed, { name: operator.name, createdAt: now });
      assert.equal(await store.deleteOperator("nobody", written("deleted", subject)), "unknown");
      assert.equal(await store.deleteOperator(operator.name, written("deleted", subject)), "deleted");
      assert.equal(await store.findOperator(operator.apiKeyHash), null);
      assert.equal(await store.deleteOperator(operator.name, written("deleted", subject)), "unknown");
      const [last, ...others] = await store.listOperators();
      for (const { name } of others) await store.deleteOperator(name, written("deleted"));
      assert.equal(await store.deleteOperator(last?.name ?? "", written("deleted", subject)), "last");
      assert.deepEqual(await store.listOperators(), [last]);
      assert.deepEqual(await eventsOf(store, subject), ["deleted"]);
    });
  });
}

const isRefused = (error: unknown) => error instanceof LinchpinError && error.code === "internal";

async function addCredential(store: Store) {
  const credential = {
    kind: "solaris",
    clientId: freshId("client"),
    partnerId: await addPartner(store),
    secretHash: hashOf(freshId("secret")),
    roles: ["reader", 'quoted "," role'],
    createdAt: now,
  };
  await store.addCredential(credential, written("credential"));
  return credential;
}
