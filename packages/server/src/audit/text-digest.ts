import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { utf8 } from "@linchpin/core";
import type { Keyring } from "@linchpin/vault";
import type { Context } from "../context/index.ts";

/** The purpose of the key that `textDigest` uses. */
export const auditTextPurpose = "audit-text";

/**
 * What stands in an audit event in place of a text that a caller sent. The digests of one text are the same under one
 * key. Whoever reads the audit cannot find the text by trying, as they can with a plain hash of a PIN.
 */
export type TextDigest = {
  readonly keyId: string;
  /** HMAC-SHA-256 of the text, hex. */
  readonly hmacSha256: string;
};

/** @throws LinchpinError `unavailable` */
export async function textDigest<Text extends string | undefined>(
  { keyring }: Pick<Context, "keyring">,
  text: Text,
): Promise<Text extends string ? TextDigest : undefined>;
export async function textDigest(
  { keyring }: Pick<Context, "keyring">,
  text: string | undefined,
): Promise<TextDigest | undefined> {
  if (text === undefined) return undefined;
  const { keyId, key } = await digestKeyOf(keyring);
  return { keyId, hmacSha256: createHmac("sha256", key).update(text).digest("hex") };
}

interface DigestKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

const digestKeys = new WeakMap<Keyring, { readonly currentId: string; readonly key: Promise<DigestKey> }>();

/**
 * A key that is derived from the vault's key and kept in the process, so that an HSM is asked once for each version of
 * its key and not once for each request.
 */
async function digestKeyOf(keyring: Keyring): Promise<DigestKey> {
  const { id: currentId } = await keyring.current(auditTextPurpose);
  const known = digestKeys.get(keyring);
  if (known?.currentId === currentId) return known.key;
  // As a KeyObject: for bytes Node throws and catches two errors at each digest.
  const key = keyring
    .mac(auditTextPurpose, utf8("linchpin:audit-text"))
    .then(({ keyId, bytes }) => ({ keyId, key: createSecretKey(bytes) }));
  digestKeys.set(keyring, { currentId, key });
  // A failure is not kept: the next request derives it again.
  key.catch(() => digestKeys.delete(keyring));
  return key;
}
