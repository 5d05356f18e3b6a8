import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeNssToken, makeSoftHsmToken, needsNss, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { probeCapabilities } from "../../src/pkcs11/capabilities.ts";
import { Token } from "../../src/pkcs11/token.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";

const withoutRawRsa = {
  "RSA-OAEP": null,
  "RSA-OAEP-256": null,
  "RSA-OAEP-512": null,
  "RSA-OAEP-MESSAGE": null,
  "RSA-PKCS1": "the token lacks CKM_RSA_X_509",
};
const withoutRsa = {
  ...withoutRawRsa,
  "RSA-OAEP-256": "the token lacks CKM_RSA_PKCS_OAEP with SHA-256, and CKM_RSA_X_509",
  "RSA-OAEP-512": "the token lacks CKM_RSA_PKCS_OAEP with SHA-512, and CKM_RSA_X_509",
};

describe("what a module can do is found out by trial", () => {
  const cases = [
    {
      name: "SoftHSM",
      lacking: needsSoftHsm(),
      make: makeSoftHsmToken,
      opensSha256: false,
      refusesGcm: "CKR_GENERAL_ERROR",
      declinedWithoutRawRsa: withoutRsa,
    },
    {
      name: "NSS",
      lacking: needsNss(),
      make: makeNssToken,
      opensSha256: true,
      refusesGcm: "CKR_ENCRYPTED_DATA_INVALID",
      declinedWithoutRawRsa: withoutRawRsa,
    },
  ];
  for (const { name, lacking, make, opensSha256, refusesGcm, declinedWithoutRawRsa } of cases)
    it(name, { skip: lacking }, async (t) => {
      const made = await make();
      t.after(() => made.remove());
      const token = await Token.open(parseTokenUri(made.uri), () => {});
      const capabilities = await probeCapabilities(token);
      assert.equal(capabilities.opensOaep.includes("SHA-256"), opensSha256);
      assert.deepEqual(capabilities.refusals.gcm, [refusesGcm]);
      for (const why of Object.values(capabilities.declined)) assert.equal(why, null);

      // A module is initialized once a process, and NSS cannot be told to leave a mechanism out.
      const has = token.has.bind(token);
      token.has = (mechanism) => mechanism !== token.binding.CKM_RSA_X_509 && has(mechanism);
      assert.partialDeepStrictEqual((await probeCapabilities(token)).declined, declinedWithoutRawRsa);
    });
});
