// What each entry of the device library weighs in a browser's bundle, all its exports together, on WebCrypto: minified
// by esbuild, then brotli. Beside it what other libraries weigh that only seal (and, for Solaris, sign). Fails when
// an entry is heavier than its goal.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { buildSync } from "esbuild";

const folder = join(import.meta.dirname, "../packages/device");
const entries: Readonly<Record<string, number | null>> = {
  solaris: 3000,
  "solaris-sca": 3000,
  adyen: 4000,
  venly: 3000,
  plumery: 3000,
  relay: null,
  keys: null,
};

/** The same task by others, as its users would write it: importing what is needed, and no more. */
const others: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  solaris: {
    jose: `import { CompactEncrypt, importJWK } from "jose";
      export const seal = async (jwk, plaintext) => new CompactEncrypt(plaintext)
        .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid: jwk.kid })
        .encrypt(await importJWK(jwk, "RSA-OAEP-256"));
      export const sign = (key, text) =>
        crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new TextEncoder().encode(text));`,
    "node-jose": `import jose from "node-jose";
      export const seal = async (jwk, plaintext) => jose.JWE.createEncrypt(
        { format: "compact", contentAlg: "A256CBC-HS512", fields: { alg: "RSA-OAEP-256" } },
        await jose.JWK.asKey(jwk)).update(plaintext).final();
      export const sign = (key, text) => jose.JWS.createSign({ format: "compact" }, key).update(text).final();`,
  },
  adyen: {
    "node-forge": `import forge from "node-forge";
      export const wrap = (spki, key) => forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(spki)).encrypt(key, "RSAES-PKCS1-V1_5");
      export const encipher = (key, block) => {
        const cipher = forge.cipher.createCipher("AES-ECB", key);
        cipher.start(); cipher.update(forge.util.createBuffer(block)); cipher.finish();
        return cipher.output;
      };`,
  },
  venly: {
    "node-forge": `import forge from "node-forge";
      export const wrap = (spki, key) => forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(spki))
        .encrypt(key, "RSA-OAEP", { md: forge.md.sha256.create(), mgf1: { md: forge.md.sha256.create() } });
      export const seal = (key, iv, plaintext) => {
        const cipher = forge.cipher.createCipher("AES-GCM", key);
        cipher.start({ iv }); cipher.update(forge.util.createBuffer(plaintext)); cipher.finish();
        return cipher.output.bytes() + cipher.mode.tag.bytes();
      };`,
  },
};

const missing = new Set<string>();
const rows = Object.entries(entries).map(([entry, goal]) => ({
  entry: `@linchpin/device/${entry}`,
  bytes: weigh(`export * from "@linchpin/device/${entry}";`),
  goal,
  "sealing alone by others": Object.entries(others[entry] ?? {})
    .map(([library, code]) => `${library} ${weighOther(library, code)}`)
    .join(", "),
}));
console.table(rows);
for (const library of missing) console.log(`${library} is not installed: not weighed`);
const heavy = rows.filter(({ bytes, goal }) => goal !== null && bytes > goal);
for (const { entry } of heavy) console.error(`✖ ${entry} is heavier than its goal`);
process.exitCode = heavy.length > 0 ? 1 : 0;

function weigh(contents: string): number {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["linchpin-source"],
  });
  const bundle = outputFiles[0]?.contents ?? new Uint8Array(0);
  return brotliCompressSync(bundle, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bundle.length } }).length;
}

function weighOther(library: string, code: string): string {
  if (existsSync(join(import.meta.dirname, "../node_modules", library))) return `${weigh(code)}`;
  missing.add(library);
  return "?";
}
