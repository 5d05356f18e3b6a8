import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { Keyring } from "@linchpin/vault";
import Fastify from "fastify";
import type { House } from "../src/context/context.ts";
import { health } from "../src/monitoring/health.ts";
import { openEmbeddedHouse } from "./embedded-house.ts";

describe("an issuer is", () => {
  let opened: Awaited<ReturnType<typeof openEmbeddedHouse>>;
  before(async () => {
    opened = await openEmbeddedHouse(() => new Date());
  });
  after(() => opened.close());

  const statusOf = async (path: string, house: House) => {
    const app = Fastify();
    await app.register(health, { house });
    return (await app.inject(path)).statusCode;
  };
  const unavailable = () => Promise.reject(new LinchpinError("unavailable"));

  it("ready when the store and the vault answer", async () => {
    assert.equal(await statusOf("/health/ready", opened.house), 200);
  });

  it("not ready, yet live, without the vault", async () => {
    const { house } = opened;
    const purposes = { "card-pin": { algorithm: "A256GCM", overlapMs: null } } as const;
    const note = () => ({ subject: "keys", cardId: null, occurredAt: new Date(), content: "{}" });
    const vault = { makeKey: unavailable, unwrap: unavailable, seal: unavailable, open: unavailable };
    const keyring = new Keyring({ vault, records: house.store, purposes, note });
    assert.equal(await statusOf("/health/ready", { ...house, keyring }), 503);
    assert.equal(await statusOf("/health/live", { ...house, keyring }), 200);
  });

  it("not ready, yet live, without the store", async () => {
    const { house } = opened;
    const store = { ...house.store, ping: unavailable };
    assert.equal(await statusOf("/health/ready", { ...house, store }), 503);
    assert.equal(await statusOf("/health/live", { ...house, store }), 200);
  });
});
