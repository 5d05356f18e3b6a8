import { randomBytes } from "node:crypto";
import type { KeyPair, KeyPairSource } from "../src/key-pair.ts";
import { VaultWithoutPkcs1 } from "./declining-vault.ts";
import { placeSoftwareKey } from "./software/place-software-key.ts";
import { vaultContract } from "./vault-contract.ts";

const masterKey = randomBytes(32);

/** Four of each kind, in turn: that a vault makes fresh ones is shown on those that decline nothing. */
const made = { rsa: [], "rsa-4096": [], ec: [] } as Record<Parameters<KeyPairSource>[0], Promise<KeyPair>[]>;
const taken = { rsa: 0, "rsa-4096": 0, ec: 0 };
const keyPairs: KeyPairSource = async (kind, generate) => {
  const place = taken[kind]++ % 4;
  made[kind][place] ??= generate();
  const { secret, publicKeySpki } = await made[kind][place];
  return { secret: Uint8Array.from(secret), publicKeySpki }; // The vault wipes what it is given.
};

vaultContract(
  "a vault without RSAES-PKCS1-v1_5",
  async () => ({
    vault: new VaultWithoutPkcs1(masterKey, { keyPairs }),
    placeKey: async (id, algorithm, secret) => placeSoftwareKey(masterKey, id, algorithm, secret),
    close: async () => {},
  }),
  { declined: ["RSA-PKCS1"] },
);
