import { it } from "node:test";
import { makeNssToken, makeSoftHsmToken, needsNss, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { vaultContract } from "../vault-contract.ts";
import { openVaultOn } from "./vault-on-token.ts";

const modules = [
  { name: "SoftHSM", lacking: needsSoftHsm(), make: makeSoftHsmToken },
  { name: "NSS", lacking: needsNss(), make: makeNssToken },
];
for (const { name, lacking, make } of modules) {
  if (lacking !== false) it(`PKCS#11 vault on ${name}`, { skip: lacking });
  else vaultContract(`PKCS#11 vault on ${name}`, async () => openVaultOn(await make()));
}
