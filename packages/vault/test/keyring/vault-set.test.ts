import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import { card, masterKey, plaintext, purposes, resetFixture, server, startedServer } from "./keyring-fixture.ts";

beforeEach(resetFixture);

describe("Keyring and two vaults", () => {
  const moved = () => {
    const former = new SoftwareVault(masterKey);
    const vault = new SoftwareVault(randomBytes(32));
    return { vault, vaultName: "another", formerVaults: new Map([["software", former]]) };
  };

  it("makes new keys in the active vault, and opens with the former vault what its keys sealed", async () => {
    const before = await startedServer();
    const sealed = await before.seal("storage", plaintext, card);
    const keyring = await startedServer(moved());
    const first = await keyring.current("storage");
    assert.equal(keyring.isInActiveVault(first), false);
    assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
    const next = await keyring.rotate("storage");
    assert.deepEqual([next.vault, keyring.isInActiveVault(next)], ["another", true]);
    const resealed = await keyring.reseal("storage", sealed, card);
    assert.equal(resealed.keyId, next.id);
    for (const each of [sealed, resealed])
      assert.deepEqual(Buffer.from(await keyring.open("storage", each, card)), plaintext);
  });

  it("does not start without a former vault that holds keys which are still needed", async () => {
    await startedServer();
    await assert.rejects(server({ ...moved(), formerVaults: new Map() }).ensure(), {
      code: "settings_invalid",
      reason: /LINCHPIN_FORMER_VAULT/,
    });
  });

  it("starts without a former vault whose keys have all ended", async () => {
    const only = { purposes: { storage: purposes.storage }, servers: "one" } as const;
    const { id } = await (await startedServer(only)).current("storage");
    const settings = moved();
    const keyring = await startedServer({ ...only, ...settings });
    await keyring.rotate("storage");
    await keyring.retire(id);
    await startedServer({ ...only, ...settings, formerVaults: new Map() });
  });

  it("does not make a pending key of the former vault current", async () => {
    const only = { purposes: { storage: purposes.storage } };
    const pending = await (await startedServer(only)).make("storage");
    const keyring = await startedServer({ ...only, ...moved() });
    const next = await keyring.rotate("storage");
    assert.deepEqual([next.version, next.vault], [3, "another"]);
    assert.equal((await keyring.list()).find(({ id }) => id === pending.id)?.state, "retired");
  });
});

describe("Keyring.mac and sign", () => {
  it("refuse where the vault has no such method", async () => {
    const software = new SoftwareVault(masterKey);
    const vault = {
      makeKey: software.makeKey.bind(software),
      unwrap: software.unwrap.bind(software),
      seal: software.seal.bind(software),
      open: software.open.bind(software),
    };
    const keyring = await startedServer({ vault, purposes: { session: purposes.session } });
    await assert.rejects(keyring.mac("session", plaintext), { code: "internal" });
    await assert.rejects(keyring.sign("session", plaintext), { code: "internal" });
    await assert.rejects(server({ vault }).ensure(), { code: "internal" });
  });
});
