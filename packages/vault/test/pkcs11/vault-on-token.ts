import type { TestToken } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";
import type { VaultUnderTest } from "../vault-contract.ts";

/** Closing it removes the token. */
export async function openVaultOn(token: TestToken): Promise<VaultUnderTest> {
  const { KeyPlacer } = await import("./place-key.ts");
  const placer = new KeyPlacer(token);
  const vault = await Pkcs11Vault.open(parseTokenUri(token.uri));
  return {
    vault,
    placeKey: async (id, algorithm, secret) => placer.place(id, algorithm, secret),
    close: async () => {
      await vault.close();
      placer.close();
      await token.remove();
    },
  };
}
