import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEmbeddedStore, type Store } from "@linchpin/store";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { type KeyAlgorithm, SoftwareVault } from "@linchpin/vault";
import { makeKeyring } from "../../src/keys/make-keyring.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";

describe("an issuer whose vault has no RSAES-PKCS1-v1_5, as those of cloud providers", () => {
  let folder: string;
  let store: Store;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-keyring-"));
    await placeEmptyDatabase(folder);
    store = await openEmbeddedStore({ folder });
  });
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const keyringWith = (environment: Record<string, string>) => {
    const declines = (algorithm: KeyAlgorithm) => (algorithm === "RSA-PKCS1" ? "its provider offers none" : null);
    const vault = Object.assign(new SoftwareVault(randomBytes(32)), { declines });
    const settings = readSettings({ LINCHPIN_MODE: "sandbox", ...environment });
    return makeKeyring({ store, protocols: protocolTable, vault, clock: () => new Date() }, settings);
  };

  it("does not start with Adyen's default, and names the keys that need it and the setting to change", async () => {
    await assert.rejects(keyringWith({}).ensure(), {
      code: "settings_invalid",
      reason:
        "the vault software does not compute RSA-PKCS1 (its provider offers none), which the keys for adyen-pin-change, adyen-pin-reveal, adyen-pan-reveal need: set LINCHPIN_ADYEN_KEY_WRAP=oaep, or LINCHPIN_VAULT to another vault",
    });
    assert.deepEqual(await store.listKeys(), []);
  });

  it("starts with that setting", async () => {
    const keyring = keyringWith({ LINCHPIN_ADYEN_KEY_WRAP: "oaep" });
    await keyring.ensure();
    assert.equal((await keyring.current("adyen-pin-change-oaep")).algorithm, "RSA-OAEP-256");
  });
});
