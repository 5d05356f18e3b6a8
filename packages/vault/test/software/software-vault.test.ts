import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import type { VaultKey } from "../../src/vault.ts";
import { vaultContract } from "../vault-contract.ts";
import { placeSoftwareKey } from "./place-software-key.ts";

const masterKey = randomBytes(32);
const nothing = new Uint8Array();

vaultContract("software vault", async () => ({
  vault: new SoftwareVault(masterKey),
  placeKey: async (id, algorithm, secret) => placeSoftwareKey(masterKey, id, algorithm, secret),
  close: async () => {},
}));

describe("a handle of the software vault", () => {
  const vault = new SoftwareVault(masterKey);
  const doesNotFit = { code: "settings_invalid", reason: /^master key does not fit/ };
  const makeKey = async (id: string): Promise<VaultKey> => {
    const { handle } = await vault.makeKey(id, "A256GCM");
    return { id, algorithm: "A256GCM", handle };
  };

  it("opens after a restart under the same master key", async () => {
    const key = await makeKey("a");
    const sealed = await vault.seal(key, Buffer.from("kept"), nothing);
    const opened = await new SoftwareVault(masterKey).open(key, sealed, nothing);
    assert.equal(Buffer.from(opened).toString(), "kept");
  });

  it("does not open under another master key", async () => {
    const key = await makeKey("a");
    await assert.rejects(new SoftwareVault(randomBytes(32)).seal(key, nothing, nothing), doesNotFit);
  });

  it("of an RSA key does not open under another master key, whatever was sent", async () => {
    const pkcs8 = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      format: "der",
      type: "pkcs8",
    });
    const key = placeSoftwareKey(masterKey, "a", "RSA-OAEP-256", pkcs8);
    await assert.rejects(new SoftwareVault(randomBytes(32)).unwrap(key, nothing, 64), doesNotFit);
  });

  const exchanges: Record<string, (key: VaultKey) => VaultKey> = {
    "with another id": (key) => ({ ...key, id: "another" }),
    "with every byte's bit altered": (key) => ({ ...key, handle: key.handle.map((byte) => byte ^ 1) }),
    "of an unknown version": (key) => ({ ...key, handle: Uint8Array.of(2, ...key.handle.subarray(1)) }),
    "with its last byte cut off": (key) => ({ ...key, handle: key.handle.subarray(0, -1) }),
    "cut to its version": (key) => ({ ...key, handle: key.handle.subarray(0, 1) }),
    "left empty": (key) => ({ ...key, handle: nothing }),
  };
  for (const [what, exchange] of Object.entries(exchanges)) {
    it(`does not open ${what}`, async () => {
      await assert.rejects(vault.seal(exchange(await makeKey("a")), nothing, nothing), doesNotFit);
    });
    it(`does not open ${what}, though the vault has used the key`, async () => {
      const key = await makeKey("a");
      await vault.seal(key, nothing, nothing);
      await assert.rejects(vault.seal(exchange(key), nothing, nothing), doesNotFit);
    });
  }

  it("does not serve another algorithm", async () => {
    const key = await makeKey("a");
    await vault.seal(key, nothing, nothing);
    await assert.rejects(vault.mac({ ...key, algorithm: "HS256" }, nothing), doesNotFit);
  });

  it("opens again when more keys were used than the vault remembers", async () => {
    const keys = await Promise.all(Array.from({ length: 80 }, (_, index) => makeKey(`key ${index}`)));
    const sealed = await Promise.all(keys.map((key) => vault.seal(key, Buffer.from(key.id), nothing)));
    for (const [index, key] of keys.entries()) {
      const opened = await vault.open(key, sealed[index] ?? nothing, nothing);
      assert.equal(Buffer.from(opened).toString(), key.id);
    }
  });
});

describe("software vault", () => {
  it("refuses a master key of another length", () => {
    for (const length of [0, 16, 31, 33, 64])
      assert.throws(() => new SoftwareVault(randomBytes(length)), { code: "settings_invalid" });
  });

  it("makes RSA keys of the size it is set to", async () => {
    const { publicKeySpki } = await new SoftwareVault(masterKey, { rsaModulusBits: 3072 }).makeKey("a", "RSA-OAEP-256");
    const publicKey = createPublicKey({ key: Buffer.from(publicKeySpki ?? nothing), format: "der", type: "spki" });
    assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 3072);
  });

  it("draws its fallback on every unwrap, and wipes it when the content key is right", async () => {
    const drawn: Buffer[] = [];
    const random = (lengthBytes: number) => {
      const bytes = randomBytes(lengthBytes);
      drawn.push(bytes);
      return bytes;
    };
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
    const key = placeSoftwareKey(masterKey, "a", "RSA-OAEP-256", pkcs8);
    const vault = new SoftwareVault(masterKey, { random });
    await vault.unwrap(key, publicEncrypt({ key: publicKey, oaepHash: "sha256" }, randomBytes(64)), 64);
    const answer = await vault.unwrap(key, randomBytes(256), 64);
    await vault.unwrap(key, nothing, 64);
    assert.deepEqual(
      drawn.map(({ length }) => length),
      [64, 64, 64],
    );
    assert.deepEqual(drawn[0], Buffer.alloc(64));
    assert.equal(answer, drawn[1]);
  });
});
