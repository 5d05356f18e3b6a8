import { p256JwkFromPoint } from "@linchpin/core";
import { rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import { manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import { type Context, withCardData } from "@linchpin/server/issuer";
import type { ListedKey } from "@linchpin/vault";
import type { DescribedCard, Origin, SandboxCard } from "./sandbox-protocol.ts";

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
  const keysOf: Origin["keysOf"] = (purpose) =>
    (listed.get(context) ?? [])
      .filter((key) => key.purpose === purpose && (key.state === "current" || key.state === "accepted"))
      .toSorted((one, other) => other.version - one.version)
      .flatMap(({ version, publicKeySpki }) => (publicKeySpki === null ? [] : [{ version, publicKeySpki }]));
  return {
    issuerKeysUrl: `${context.publicUrl()}${manifestPath}`,
    roots: roots.get(context) ?? [],
    keysOf,
    publicKeysOf: (purpose) => keysOf(purpose).map(({ publicKeySpki }) => publicKeySpki),
  };
}

/** The card with the number that its plastic shows. */
export async function withPan(context: Context, card: SandboxCard): Promise<DescribedCard> {
  const pan = await withCardData(context, card.cardId, async (data) => Buffer.from(data.pan).toString());
  return { ...card, pan };
}
