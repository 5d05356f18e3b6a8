import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { isRsa } from "../src/algorithms.ts";
import type { KeyRecord } from "../src/keyring/key-records.ts";
import { provePossession } from "../src/keyring/prove-possession.ts";
import { VaultSet } from "../src/keyring/vault-set.ts";
import type { AnyVault, KeyAlgorithm } from "../src/vault.ts";
import type { VaultUnderTest } from "./vault-contract.ts";

/** A key of a vault is told from one whose record has another public half. */
export function provesPossession(subject: () => VaultUnderTest, algorithm: KeyAlgorithm): void {
  describe(`proof of possession of ${algorithm}`, () => {
    let key: KeyRecord & { readonly publicKeySpki: Uint8Array };
    let another: Uint8Array;
    before(async () => {
      key = await recordOfNewKey(subject().vault, algorithm);
      // Of 2048 bits, which are made sooner than 4096.
      another = (await recordOfNewKey(subject().vault, isRsa(algorithm) ? "RSA-OAEP" : algorithm)).publicKeySpki;
    });
    const prove = (record: KeyRecord) => provePossession(new VaultSet(subject().vault, "tested", new Map()), record);

    it("is given of a key as it was made, again and again", async () => {
      for (let times = 0; times < 3; times++) await prove(key);
    });

    it("is not given where the record has the public half of another key of the vault", async () => {
      await assert.rejects(prove({ ...key, publicKeySpki: another }), refusal(key));
    });

    for (const [what, publicKey] of Object.entries(foreignKeys))
      it(`is not given where the record has ${what}`, async () => {
        const publicKeySpki = publicKey.export({ format: "der", type: "spki" });
        await assert.rejects(prove({ ...key, publicKeySpki }), refusal(key));
      });

    it("is not given where the record has no public key in that place", async () => {
      const { publicKeySpki } = key;
      for (const bytes of [
        null,
        new Uint8Array(),
        publicKeySpki.subarray(0, -1),
        publicKeySpki.map((byte) => byte ^ 1),
      ])
        await assert.rejects(prove({ ...key, publicKeySpki: bytes }), refusal(key));
    });

    it("is not given where a symmetric key of the vault has the public half of somebody else", async () => {
      const made = await recordOfNewKey(subject().vault, "A256GCM");
      const symmetric = { ...made, publicKeySpki: key.publicKeySpki };
      await assert.rejects(prove(symmetric), refusal(symmetric));
    });

    it("is not given where bytes follow the key, which whoever reads it by its length would take for it", async () => {
      for (const length of [1, 32]) {
        const publicKeySpki = Buffer.concat([key.publicKeySpki, new Uint8Array(length).fill(7)]);
        await assert.rejects(prove({ ...key, publicKeySpki }), refusal(key));
      }
    });

    if (!isRsa(algorithm))
      it("is not given where its point is written in another form, or is the point at infinity", async () => {
        for (const spki of otherFormsOf(key.publicKeySpki))
          await assert.rejects(prove({ ...key, publicKeySpki: spki }), refusal(key));
      });

    if (isRsa(algorithm))
      it("is not given by the key's own modulus with another exponent, by which nothing is encrypted", async () => {
        const jwk = importSpki(key.publicKeySpki).export({ format: "jwk" });
        for (const e of ["AQ", "Aw", "AQAD"]) {
          const publicKey = createPublicKey({ key: { ...jwk, e }, format: "jwk" });
          const publicKeySpki = publicKey.export({ format: "der", type: "spki" });
          await assert.rejects(prove({ ...key, publicKeySpki }), refusal(key));
        }
      });
  });
}

async function recordOfNewKey(vault: AnyVault, algorithm: KeyAlgorithm) {
  const id = randomUUID();
  const { handle, publicKeySpki } = await vault.makeKey(id, algorithm);
  return {
    ...{ id, purpose: "tested", version: 1, algorithm, vault: "tested", handle },
    publicKeySpki: publicKeySpki ?? new Uint8Array(),
    ...{ createdAt: new Date(), currentFrom: new Date(), acceptedUntil: null, destroyedAt: null },
  };
}

/** Of a P-256 key: compressed, so with bytes of somebody else's behind it to the usual length, hybrid, and infinity. */
function otherFormsOf(spki: Uint8Array): Uint8Array[] {
  const [x, y] = [spki.subarray(-64, -32), spki.subarray(-32)];
  const isOdd = (y.at(-1) ?? 0) % 2;
  const written = (point: Uint8Array) => {
    const header = Buffer.from(spki.subarray(0, -65));
    header[1] = header.length + point.length - 2;
    header[header.length - 2] = 1 + point.length;
    return Buffer.concat([header, point]);
  };
  const compressed = written(Buffer.concat([Uint8Array.of(2 + isOdd), x]));
  const hybrid = written(Buffer.concat([Uint8Array.of(6 + isOdd), x, y]));
  for (const form of [compressed, hybrid]) importSpki(form);
  const withOther = Buffer.concat([compressed, new Uint8Array(32).fill(7)]);
  assert.equal(withOther.length, spki.length);
  return [compressed, withOther, hybrid, written(Uint8Array.of(0))];
}

/** What somebody who can write to the database may put there. */
const foreignKeys: Readonly<Record<string, KeyObject>> = {
  "an RSA key of 2048 bits of somebody else": generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
  "an RSA key that is too short to encrypt by": generateKeyPairSync("rsa", { modulusLength: 512 }).publicKey,
  "an RSA key for signatures alone": generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey,
  "a P-256 key of somebody else": generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
  "a key of P-384": generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
  "a key of secp256k1": generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey,
  "a key of Ed25519": generateKeyPairSync("ed25519").publicKey,
};

function refusal({ id }: KeyRecord) {
  return { code: "settings_invalid", reason: new RegExp(`tested key ${id} is not of the private half`) };
}

function importSpki(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
}
