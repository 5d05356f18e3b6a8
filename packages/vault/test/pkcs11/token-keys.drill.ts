import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPublicKey, randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { RsaKeyAlgorithm } from "@linchpin/core";
import {
  makeSoftHsmToken,
  needsSoftHsm,
  needsTool,
  type TestToken,
} from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import type { Template } from "pkcs11js";
import { isRsa, keyAlgorithms } from "../../src/algorithms.ts";
import { loadBinding } from "../../src/pkcs11/binding.ts";
import { keyHandle } from "../../src/pkcs11/key-name.ts";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";
import type { KeyAlgorithm, VaultKey } from "../../src/vault.ts";
import type { KeyPlacer } from "./place-key.ts";

const nothing = new Uint8Array();
const lacking = needsSoftHsm();
const doesNotFit = { code: "settings_invalid" };

describe("keys in a PKCS#11 token", { skip: lacking }, () => {
  let token: TestToken;
  let vault: Pkcs11Vault;
  let placer: KeyPlacer;
  before(async () => {
    token = await makeSoftHsmToken();
    const { KeyPlacer } = await import("./place-key.ts");
    placer = new KeyPlacer(token);
    vault = await Pkcs11Vault.open(parseTokenUri(token.uri));
  });
  after(async () => {
    await vault.close();
    placer.close();
    await token.remove();
  });
  const make = async (algorithm: KeyAlgorithm) => {
    const id = crypto.randomUUID();
    const { handle, publicKeySpki } = await vault.makeKey(id, algorithm);
    return { key: { id, algorithm, handle } satisfies VaultKey, publicKeySpki };
  };

  const rsaUsages = Object.fromEntries(keyAlgorithms.filter(isRsa).map((algorithm) => [algorithm, "decrypt"]));
  const usages = {
    ...(rsaUsages as Record<RsaKeyAlgorithm, string>),
    A256GCM: "encrypt, decrypt",
    HS256: "none", // of secret keys, pkcs11-tool does not list that they sign
    ES256: "sign",
    "HPKE-7": "derive",
  } satisfies Record<KeyAlgorithm, string>;
  for (const [algorithm, usage] of Object.entries(usages) as [KeyAlgorithm, string][])
    it(`${algorithm}: are sensitive, never extractable and always sensitive, as pkcs11-tool lists them`, async (t) => {
      const lackingTool = needsTool();
      if (lackingTool !== false) return t.skip(lackingTool);
      const { key, publicKeySpki } = await make(algorithm);
      const name = `linchpin ${algorithm} ${key.id}`;
      const [listed, ...others] = list(token).filter((object) => object.includes(name) && !/^Public Key/.test(object));
      assert.deepEqual(others, []);
      assert.match(listed ?? "", /Access: +sensitive, always sensitive, never extract/);
      assert.equal(/Usage: +(.*)/.exec(listed ?? "")?.[1], usage);
      if (publicKeySpki !== null) assert.deepEqual(await readPublicKey(token, key.id), importSpki(publicKeySpki));
    });

  const unfit: Record<string, (key: VaultKey) => VaultKey> = {
    "of another id": (key) => ({ ...key, id: crypto.randomUUID() }),
    "of another algorithm": (key) => ({ ...key, algorithm: "HS256" }),
    "of another vault": (key) => ({ ...key, handle: randomBytes(60) }),
    "with a byte more": (key) => ({ ...key, handle: Buffer.concat([key.handle, Buffer.alloc(1)]) }),
    "left empty": (key) => ({ ...key, handle: nothing }),
  };
  for (const [what, change] of Object.entries(unfit))
    it(`are not found by a handle ${what}`, async () => {
      const { key } = await make("A256GCM");
      const unfitKey = change(key);
      const use =
        unfitKey.algorithm === "HS256" ? vault.mac(unfitKey, nothing) : vault.seal(unfitKey, nothing, nothing);
      await assert.rejects(use, doesNotFit);
      await assert.rejects(vault.destroyKey(unfitKey), doesNotFit);
      await vault.seal(key, nothing, nothing);
    });

  it("are not used when the token does not hold them", async () => {
    const key = { id: "a", algorithm: "RSA-OAEP-256" } as const;
    await assert.rejects(vault.unwrap({ ...key, handle: keyHandle(key) }, randomBytes(256), 64), doesNotFit);
  });

  it("are not used for another algorithm, though the RSA key is the same", async () => {
    const { key } = await make("RSA-PKCS1");
    const other = { id: key.id, algorithm: "RSA-OAEP-256" } as const;
    await assert.rejects(vault.unwrap({ ...other, handle: keyHandle(other) }, randomBytes(256), 64), doesNotFit);
  });

  it("are not used when they could be taken out, or seen, or when there are two of one name", async () => {
    const binding = await loadBinding();
    const deviations: Template[] = [
      [{ type: binding.CKA_EXTRACTABLE, value: true }],
      [{ type: binding.CKA_SENSITIVE, value: false }],
    ];
    for (const deviation of deviations) {
      const key = placer.place(crypto.randomUUID(), "A256GCM", randomBytes(32), deviation);
      await assert.rejects(vault.seal(key, nothing, nothing), doesNotFit);
    }
    const id = crypto.randomUUID();
    placer.place(id, "A256GCM", randomBytes(32));
    const key = placer.place(id, "A256GCM", randomBytes(32));
    await assert.rejects(vault.seal(key, nothing, nothing), doesNotFit);
  });

  for (const algorithm of ["A256GCM", "ES256"] as const)
    it(`${algorithm}: are destroyed with their public halves, for every worker, and twice is no error`, async () => {
      const [{ key }, { key: other }] = [await make(algorithm), await make(algorithm)];
      const use = (by: VaultKey) =>
        algorithm === "ES256" ? vault.sign(by, nothing) : vault.seal(by, nothing, nothing);
      // Both workers have the key in their caches.
      await Promise.all(Array.from({ length: 8 }, () => use(key)));
      await vault.destroyKey(key);
      await vault.destroyKey(key);
      await Promise.all(Array.from({ length: 4 }, () => assert.rejects(use(key), doesNotFit)));
      if (needsTool() === false) assert.ok(list(token).every((object) => !object.includes(key.id)));
      await use(other);
    });

  it("serve a vault that is opened anew", async () => {
    const { key } = await make("A256GCM");
    const sealed = await vault.seal(key, Buffer.from("kept"), nothing);
    const again = await Pkcs11Vault.open(parseTokenUri(token.uri), { size: 1 });
    assert.equal(Buffer.from(await again.open(key, sealed, nothing)).toString(), "kept");
    await again.close();
  });
});

/** The description of each object in the token, as pkcs11-tool prints it. */
function list(token: TestToken): string[] {
  const words = [
    "--module",
    token.modulePath,
    "--login",
    "--pin",
    token.pin,
    "--token-label",
    token.label,
    "--list-objects",
  ];
  const { status, stdout } = spawnSync("pkcs11-tool", words, { encoding: "utf8" });
  assert.equal(status, 0);
  return stdout.split(/^(?=\S)/m);
}

async function readPublicKey(token: TestToken, id: string) {
  const file = join(token.folder, "public.der");
  const idHex = Buffer.from(id).toString("hex");
  const words = ["--module", token.modulePath, "--token-label", token.label, "--read-object", "--type", "pubkey"];
  const { status } = spawnSync("pkcs11-tool", [...words, "--id", idHex, "--output-file", file]);
  assert.equal(status, 0);
  const publicKey = importSpki(await readFile(file));
  await rm(file);
  return publicKey;
}

function importSpki(spki: Uint8Array) {
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }).export({ format: "jwk" });
}
