import type { VaultScheme } from "../vault-scheme.ts";
import { Pkcs11Vault } from "./pkcs11-vault.ts";
import { parseTokenUri } from "./token-uri.ts";

/** `pkcs11:`, an RFC 7512 URI that names one token. */
export const pkcs11Scheme: VaultScheme = {
  scheme: "pkcs11",
  syntax: "a token: pkcs11:token=…?module-path=/…&pin-source=file:/…",
  usesMasterKey: false,
  check: (uri, variable) => void parseTokenUri(uri, variable),
  // RFC 7512 §2.4: the query says how to reach the token, the path says which token it is.
  nameInRecords: (uri) => uri.split("?", 1)[0] ?? uri,
  open: async (uri, { report }) => {
    const vault = await Pkcs11Vault.open(parseTokenUri(uri), { report });
    return { vault, masterKey: null, close: () => vault.close() };
  },
};
