import { LinchpinError } from "@linchpin/core";
import { pkcs11Scheme } from "./pkcs11/pkcs11-scheme.ts";
import { softwareScheme } from "./software/software-scheme.ts";
import type { VaultScheme } from "./vault-scheme.ts";

/** Every kind of vault. A new kind is a folder beside these, and a row here. */
const vaultSchemes: readonly VaultScheme[] = [softwareScheme, pkcs11Scheme];

/**
 * The scheme of a vault's URI. A scheme without a colon is the URI of that scheme which says nothing more (`software`).
 *
 * @throws LinchpinError `settings_invalid`: there is no such scheme; the reason names the setting `variable`
 */
export function vaultSchemeOf(uri: string, variable = "LINCHPIN_VAULT"): VaultScheme {
  const [name] = uri.split(":", 1);
  const found = vaultSchemes.find(({ scheme }) => scheme === name);
  if (found !== undefined) return found;
  const syntaxes = vaultSchemes.map(({ syntax }) => syntax).join(", or ");
  throw new LinchpinError("settings_invalid", { reason: `${variable} must be ${syntaxes}` });
}
