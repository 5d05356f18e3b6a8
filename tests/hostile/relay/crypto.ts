import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from "node:crypto";
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { CompactSign, compactDecrypt } from "jose";

// The relay's own cryptography, by node:crypto, jose and @hpke/core. Nothing here is Linchpin's.

/** RSA key pairs of the relay: one that a device would take, and one that is too short. */
export const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const shortRsa = generateKeyPairSync("rsa", { modulusLength: 1024 });

export interface EcPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly jwk: { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string };
  /** RFC 7638. */
  readonly thumbprint: string;
  /** `04 ‖ X ‖ Y` */
  readonly point: Buffer;
}

export function makeEcPair(): EcPair {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const jwk = { kty: "EC", crv: "P-256", x, y } as const;
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return { publicKey, privateKey, jwk, thumbprint: thumbprintOf(jwk), point };
}

function thumbprintOf({ x, y }: { readonly x: string; readonly y: string }): string {
  return hash(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).toString("base64url");
}

export function hash(data: string | Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}

/** The SPKI of a public key, base64. */
export function spkiOf(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

export function publicKeyOf(jwk: JsonWebKey): KeyObject {
  return createPublicKey({ key: jwk, format: "jwk" });
}

/** ECDSA, `r ‖ s`. */
export function signRaw(data: Uint8Array, key: KeyObject): Buffer {
  return sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
}

export function signJwt(header: { alg?: string; typ: string; kid: string }, payload: object, key: KeyObject) {
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "ES256", ...header })
    .sign(key);
}

// biome-ignore lint/suspicious/noExplicitAny: tests read what the wire holds
export function payloadOf(jwt: string): any {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

// biome-ignore lint/suspicious/noExplicitAny: tests read what the wire holds
export function headerOf(jwt: string): any {
  return JSON.parse(Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString());
}

/** The JWT with other members in a part of it, and the signature that it had. */
export function altered(jwt: string, part: 0 | 1, members: object): string {
  const parts = jwt.split(".");
  const json = part === 0 ? headerOf(jwt) : payloadOf(jwt);
  parts[part] = Buffer.from(JSON.stringify({ ...json, ...members })).toString("base64url");
  return parts.join(".");
}

/** `h` of the native protocol. */
export function sessionHash(jwt: string): Buffer {
  return hash(jwt.slice(0, jwt.lastIndexOf(".")));
}

/** What a JWE holds that was sealed to the relay's own RSA key. */
export async function openJwe(jwe: string, key: KeyObject = rsa.privateKey): Promise<string> {
  return Buffer.from((await compactDecrypt(jwe, key)).plaintext).toString();
}

/** AES in ECB, a block. */
export function decipherBlock(key: Uint8Array, block: Uint8Array): Buffer {
  const decipher = createDecipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(block), decipher.final()]);
}

const hpke = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

const buffer = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer;

export async function sealHpke(point: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Promise<Buffer> {
  const recipientPublicKey = await hpke.kem.deserializePublicKey(buffer(point));
  const { enc, ct } = await hpke.seal({ recipientPublicKey, info: buffer(info) }, buffer(plaintext));
  return Buffer.concat([Buffer.from(enc), Buffer.from(ct)]);
}

export async function openHpke({ privateKey }: EcPair, info: Uint8Array, sealed: Uint8Array): Promise<Buffer> {
  const jwk = createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })).export({ format: "jwk" });
  const recipientKey = await hpke.kem.importKey("jwk", jwk as globalThis.JsonWebKey, false);
  const enc = buffer(sealed.subarray(0, 65));
  return Buffer.from(await hpke.open({ recipientKey, enc, info: buffer(info) }, buffer(sealed.subarray(65))));
}

/** ECDSA as Solaris has it: DER, hexadecimal. */
export function signDer(text: string, { privateKey }: EcPair): string {
  return sign("sha256", Buffer.from(text), privateKey).toString("hex");
}
