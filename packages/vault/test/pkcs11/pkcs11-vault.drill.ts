import { it } from "node:test";
import { makeNssToken, makeSoftHsmToken, needsNss, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";
import { vaultContract } from "../vault-contract.ts";

const modules = [
  { name: "SoftHSM", lacking: needsSoftHsm(), make: makeSoftHsmToken },
  { name: "NSS", lacking: needsNss(), make: makeNssToken },
];
for (const { name, lacking, make } of modules) {
  if (lacking !== false) it(`PKCS#11 vault on ${name}`, { skip: lacking });
  else
    vaultContract(`PKCS#11 vault on ${name}`, async () => {
      const token = await make();
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
    });
}
