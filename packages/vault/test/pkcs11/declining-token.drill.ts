import { it } from "node:test";
import { makeSoftHsmToken, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";
import { vaultContract } from "../vault-contract.ts";

const lacking = needsSoftHsm();
if (lacking !== false) it("PKCS#11 vault on a SoftHSM without raw RSA and HMAC", { skip: lacking });
else
  vaultContract(
    "PKCS#11 vault on a SoftHSM without raw RSA and HMAC",
    async () => {
      const token = await makeSoftHsmToken("linchpin test", ["CKM_RSA_X_509", "CKM_SHA256_HMAC"]);
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
    },
    { declined: ["RSA-OAEP-256", "RSA-OAEP-512", "RSA-PKCS1", "HS256"] },
  );
