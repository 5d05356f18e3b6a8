import { randomBytes } from "node:crypto";
import { VaultWithoutPkcs1 } from "./declining-vault.ts";
import { placeSoftwareKey } from "./software/place-software-key.ts";
import { vaultContract } from "./vault-contract.ts";

const masterKey = randomBytes(32);

vaultContract(
  "a vault without RSAES-PKCS1-v1_5",
  async () => ({
    vault: new VaultWithoutPkcs1(masterKey),
    placeKey: async (id, algorithm, secret) => placeSoftwareKey(masterKey, id, algorithm, secret),
    close: async () => {},
  }),
  { declined: ["RSA-PKCS1"] },
);
