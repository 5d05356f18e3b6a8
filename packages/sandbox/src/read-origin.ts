import { p256JwkFromPoint } from "@linchpin/core";
import { rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import { manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import type { Context } from "@linchpin/server/issuer";
import type { ListedKey } from "@linchpin/vault";
import type { Origin } from "./sandbox-protocol.ts";

const roots = new WeakMap<Context, Origin["roots"]>();
const listed = new WeakMap<Context, readonly ListedKey[]>();

/** Reads the keys, and of them the roots that a device may pin, the announced one too. Called before a description is made. */
export async function readRoots(context: Context): Promise<void> {
  const keys = await context.keyring.list();
  listed.set(context, keys);
  const pinned = keys.filter(
    ({ purpose, state }) => purpose === rootPurpose && (state === "current" || state === "pending"),
  );
  roots.set(
    context,
    pinned.flatMap(({ publicKeySpki }) =>
      publicKeySpki === null ? [] : [p256JwkFromPoint(publicKeySpki.subarray(-65))],
    ),
  );
}

/** The issuer's origin as protocols are described with it. Roots and keys are as they were read last. */
export function originOf(context: Context): Origin {
  return {
    issuerKeysUrl: `${context.publicUrl()}${manifestPath}`,
    roots: roots.get(context) ?? [],
    publicKeysOf: (purpose) =>
      (listed.get(context) ?? [])
        .filter((key) => key.purpose === purpose && (key.state === "current" || key.state === "accepted"))
        .toSorted((one, other) => other.version - one.version)
        .flatMap(({ publicKeySpki }) => publicKeySpki ?? []),
  };
}
