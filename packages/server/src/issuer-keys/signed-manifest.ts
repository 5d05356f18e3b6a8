import { jwkThumbprint, LinchpinError, p256JwkFromPoint } from "@linchpin/core";
import { rootPurpose, signManifest } from "@linchpin/protocols/issuer-keys/issuer";
import type { Manifest } from "@linchpin/protocols/issuer-keys/wire";
import type { KeyManifest } from "@linchpin/store";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../context/index.ts";
import { pointOf } from "./public-half.ts";

/**
 * @param root the current one
 * @throws LinchpinError `unavailable`: another one is current meanwhile; `settings_invalid`: its record was altered
 */
export async function signByRoot(
  { keyring, primitives }: Pick<Context, "keyring" | "primitives">,
  manifest: Manifest,
  root: KeyRecord,
): Promise<string> {
  await keyring.prove(root);
  return signManifest(manifest, await rootThumbprint({ primitives }, root), async (data) => {
    const { keyId, bytes } = await keyring.sign(rootPurpose, data);
    if (keyId !== root.id) throw new LinchpinError("unavailable", { reason: "the root was changed just now" });
    return bytes;
  });
}

/** What a stored manifest says, and the thumbprint of the root that it names. Its signature is not looked at. */
export function contentOf({ jws }: Pick<KeyManifest, "jws">): { rootKid: string; manifest: Manifest } {
  const [header, manifest] = jws
    .split(".", 2)
    .map((segment) => JSON.parse(Buffer.from(segment, "base64url").toString())) as [{ kid: string }, Manifest];
  return { rootKid: header.kid, manifest };
}

/** Not remembered by the key's id: a root whose record was altered must not go by its former name. */
export function rootThumbprint({ primitives }: Pick<Context, "primitives">, root: KeyRecord): Promise<string> {
  return jwkThumbprint(primitives, p256JwkFromPoint(pointOf(root)));
}
