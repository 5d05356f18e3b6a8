import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadBinding } from "../../src/pkcs11/binding.ts";

describe("loadBinding", () => {
  it("says how to get the package where it is not installed", async () => {
    const missing = () => Promise.reject(new Error("Cannot find package 'pkcs11js'"));
    await assert.rejects(loadBinding(missing), { code: "settings_invalid", reason: /npm install pkcs11js@2\.1\.7/ });
  });

  it("names the version that the package is locked to", async () => {
    const { default: manifest } = await import("../../package.json", { with: { type: "json" } });
    const missing = () => Promise.reject(new Error());
    const reason = new RegExp(`pkcs11js@${manifest.optionalDependencies.pkcs11js} `);
    await assert.rejects(loadBinding(missing), { reason });
  });
});
