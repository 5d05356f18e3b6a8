import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPublicKey, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Template } from "pkcs11js";
import { loadBinding } from "../../src/pkcs11/binding.ts";
import { probeCapabilities } from "../../src/pkcs11/capabilities.ts";
import { keyHandle } from "../../src/pkcs11/key-name.ts";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { Token } from "../../src/pkcs11/token.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";
import type { KeyAlgorithm, VaultKey } from "../../src/vault.ts";
import { makeNssToken, makeSoftHsmToken, needsNss, needsSoftHsm, needsTool, type TestToken } from "../pkcs11-tokens.ts";
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

  const algorithms = {
    "RSA-OAEP-256": "decrypt",
    "RSA-PKCS1": "decrypt",
    A256GCM: "encrypt, decrypt",
    HS256: "none", // of secret keys, pkcs11-tool does not list that they sign
    ES256: "sign",
  } as const satisfies Record<KeyAlgorithm, string>;
  for (const [algorithm, usage] of Object.entries(algorithms) as [KeyAlgorithm, string][])
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
      // Both workers have found it before.
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

describe("a PKCS#11 vault does not open", { skip: lacking }, () => {
  let token: TestToken;
  before(async () => {
    token = await makeSoftHsmToken();
  });
  after(() => token.remove());
  const refuses = (uri: string, error: object) => assert.rejects(Pkcs11Vault.open(parseTokenUri(uri)), error);

  it("without a token that is meant", async () => {
    const noToken = { code: "unavailable", reason: /no token/ };
    await refuses(token.uri.replace("linchpin%20test", "another"), noToken);
    await refuses(token.uri.replace("?", ";serial=0000?"), noToken);
    await refuses(token.uri.replace("?", ";slot-id=1?"), noToken);
  });

  it("when several tokens are meant", async () => {
    const second = spawnSync("softhsm2-util", [
      ...["--init-token", "--free", "--label", "second", "--pin", token.pin, "--so-pin", "87654321"],
    ]);
    assert.equal(second.status, 0);
    for (const fittingBoth of ["", "model=SoftHSM%20v2"]) {
      const uri = token.uri.replace("token=linchpin%20test", fittingBoth);
      await refuses(uri, { code: "settings_invalid", reason: /several tokens/ });
    }
  });

  it("with a module that is not there, or none", async () => {
    const textFile = join(token.folder, "module.so");
    await writeFile(textFile, "no library");
    for (const path of [textFile, join(token.folder, "missing.so"), process.execPath])
      await refuses(token.uri.replace(token.modulePath, path), { code: "settings_invalid", reason: /module-path/ });
  });

  it("with a token that asks for no PIN", async (t) => {
    const lackingNss = needsNss();
    if (lackingNss !== false) return t.skip(lackingNss);
    const open = await makeNssToken("");
    await refuses(open.uri, { code: "settings_invalid", reason: /asks for no PIN/ });
    await open.remove();
  });
});

describe("what a module can do is found out by trial", () => {
  const cases = [
    { name: "SoftHSM", lacking, make: makeSoftHsmToken, opensOaep: false, refusesGcm: "CKR_GENERAL_ERROR" },
    { name: "NSS", lacking: needsNss(), make: makeNssToken, opensOaep: true, refusesGcm: "CKR_ENCRYPTED_DATA_INVALID" },
  ];
  for (const { name, lacking: lackingModule, make, opensOaep, refusesGcm } of cases)
    it(name, { skip: lackingModule }, async (t) => {
      const token = await make();
      t.after(() => token.remove());
      const capabilities = await probeCapabilities(await Token.open(parseTokenUri(token.uri), () => {}));
      assert.equal(capabilities.opensOaep, opensOaep);
      assert.deepEqual(capabilities.refusals.gcm, [refusesGcm]);
    });
});

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

/** What `pkcs11-tool` says of each object of the token. */
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
