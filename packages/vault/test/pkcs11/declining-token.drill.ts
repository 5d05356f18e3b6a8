import { it } from "node:test";
import { makeSoftHsmToken, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { vaultContract } from "../vault-contract.ts";
import { openVaultOn } from "./vault-on-token.ts";

const lacking = needsSoftHsm();
if (lacking !== false) it("PKCS#11 vault on a SoftHSM without raw RSA and HMAC", { skip: lacking });
else
  vaultContract(
    "PKCS#11 vault on a SoftHSM without raw RSA and HMAC",
    async () => openVaultOn(await makeSoftHsmToken("linchpin test", ["CKM_RSA_X_509", "CKM_SHA256_HMAC"])),
    { declined: ["RSA-OAEP-256", "RSA-OAEP-512", "RSA-PKCS1", "HS256"] },
  );
