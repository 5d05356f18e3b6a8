import { LinchpinError } from "@linchpin/core";
import { freshKeyPairs } from "../key-pair.ts";
import type { VaultScheme } from "../vault-scheme.ts";
import { SoftwareVault } from "./software-vault.ts";

/** `software`, or `software:`. There is one software vault, so that its URI says nothing more. */
export const softwareScheme: VaultScheme = {
  scheme: "software",
  syntax: "software",
  usesMasterKey: true,
  check: (uri, variable) => {
    if (!/^software:?$/.test(uri))
      throw new LinchpinError("settings_invalid", {
        reason: `${variable} has something after software, which takes nothing`,
      });
  },
  nameInRecords: () => "software",
  open: async (_uri, { readMasterKey, keyPairs = freshKeyPairs }) => {
    const masterKey = await readMasterKey();
    return { vault: new SoftwareVault(masterKey, { keyPairs }), masterKey, close: async () => {} };
  },
};
