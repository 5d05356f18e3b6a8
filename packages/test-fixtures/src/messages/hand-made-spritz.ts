import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";

export interface HandMadeSpritz {
  readonly encryptedKey: string;
  readonly encryptedPin: { readonly iv: string; readonly data: string };
}

/** The message of a set as Spritz and Rain have it, made by hand on node:crypto, right unless told otherwise. */
export function handMadeSpritz(
  publicKeyPem: string,
  block: string | Uint8Array,
  wrong: {
    readonly key?: Uint8Array;
    /** What is wrapped; the key's base64 text unless told otherwise. */
    readonly wrapped?: string | Uint8Array;
    readonly oaepHash?: string;
    readonly isPkcs1?: boolean;
    readonly iv?: Uint8Array;
    readonly aad?: Uint8Array;
    readonly arrange?: (ciphertext: Buffer, tag: Buffer) => Uint8Array[];
  } = {},
): HandMadeSpritz {
  const { key = randomBytes(16), iv = randomBytes(16), oaepHash = "sha1", isPkcs1 = false, aad } = wrong;
  const { arrange = (ciphertext, tag) => [ciphertext, tag] } = wrong;
  const wrapped = Buffer.from(wrong.wrapped ?? Buffer.from(key).toString("base64"));
  const padding = isPkcs1 ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const encrypted = publicEncrypt({ key: createPublicKey(publicKeyPem), padding, oaepHash }, wrapped);
  const cipher = createCipheriv(key.length === 32 ? "aes-256-gcm" : "aes-128-gcm", key, iv);
  if (aad !== undefined) cipher.setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(block), cipher.final()]);
  const data = Buffer.concat(arrange(ciphertext, cipher.getAuthTag())).toString("base64");
  return {
    encryptedKey: encrypted.toString("base64"),
    encryptedPin: { iv: Buffer.from(iv).toString("base64"), data },
  };
}
