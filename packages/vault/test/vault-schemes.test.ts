import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { vaultSchemeOf } from "../src/vault-schemes.ts";

const token = "pkcs11:token=linchpin?module-path=/usr/lib/module.so&pin-source=file:/etc/pin";

describe("vaultSchemeOf", () => {
  it("finds the scheme of a URI, and of a scheme that stands alone", () => {
    assert.equal(vaultSchemeOf("software").scheme, "software");
    assert.equal(vaultSchemeOf("software:").scheme, "software");
    assert.equal(vaultSchemeOf(token).scheme, "pkcs11");
  });

  for (const uri of [
    "hardware",
    "awskms:key-id=1",
    "",
    ":",
    "Software",
    "software2",
    " software",
    "constructor",
    "file:/x",
  ])
    it(`refuses "${uri}", and says what there is`, () => {
      assert.throws(() => vaultSchemeOf(uri, "LINCHPIN_FORMER_VAULT"), {
        code: "settings_invalid",
        reason: "LINCHPIN_FORMER_VAULT must be software, or a token: pkcs11:token=…?module-path=/…&pin-source=file:/…",
      });
    });

  const malformed = {
    "software:/etc/keys": "LINCHPIN_VAULT has",
    "software:?": "LINCHPIN_VAULT has",
    pkcs11: "LINCHPIN_VAULT is not of the form",
    "pkcs11:token=linchpin": "LINCHPIN_VAULT needs module-path",
    [`${token}&pin-value=1234`]: "LINCHPIN_VAULT holds the PIN",
  };
  for (const [uri, start] of Object.entries(malformed))
    it(`leaves it to the scheme to refuse "${uri}"`, () => {
      assert.throws(() => vaultSchemeOf(uri).check(uri, "LINCHPIN_VAULT"), {
        code: "settings_invalid",
        reason: new RegExp(`^${start}`),
      });
    });

  it("takes what is well formed", () => {
    for (const uri of ["software", "software:", token]) vaultSchemeOf(uri).check(uri, "LINCHPIN_VAULT");
  });
});

describe("a vault's name in key records", () => {
  const nameOf = (uri: string) => vaultSchemeOf(uri).nameInRecords(uri);

  it("is software, however that is written: records that are stored have this name", () => {
    assert.equal(nameOf("software"), "software");
    assert.equal(nameOf("software:"), "software");
  });

  it("is the token's URI without the way to reach it", () => {
    assert.equal(nameOf(token), "pkcs11:token=linchpin");
    assert.equal(nameOf("pkcs11:token=a;serial=1?module-path=/m.so"), "pkcs11:token=a;serial=1");
  });
});

describe("a vault that is opened by its scheme", () => {
  it("computes under the master key, where its scheme uses one", async () => {
    const [masterKey, nothing] = [randomBytes(32), new Uint8Array()];
    const scheme = vaultSchemeOf("software");
    assert.equal(scheme.usesMasterKey, true);
    const opened = await scheme.open("software", { readMasterKey: async () => masterKey, report: () => {} });
    assert.equal(opened.masterKey, masterKey);
    const { handle } = await opened.vault.makeKey("a", "A256GCM");
    const sealed = await opened.vault.seal({ id: "a", algorithm: "A256GCM", handle }, Buffer.from("kept"), nothing);
    const again = await scheme.open("software:", { readMasterKey: async () => masterKey, report: () => {} });
    const plaintext = await again.vault.open({ id: "a", algorithm: "A256GCM", handle }, sealed, nothing);
    assert.equal(Buffer.from(plaintext).toString(), "kept");
    await opened.close();
    await again.close();
  });

  it("asks for no master key, where its scheme uses none", async () => {
    const scheme = vaultSchemeOf(token);
    assert.equal(scheme.usesMasterKey, false);
    const options = { readMasterKey: () => assert.fail("asked for a master key"), report: () => {} };
    // There is no such library.
    await assert.rejects(scheme.open(token, options), { code: "settings_invalid" });
  });
});
