import { type AgreementKey, jwkThumbprint, LinchpinError, p256JwkFromPoint } from "@linchpin/core";
import { type Signer, sealingKey, signingKey } from "@linchpin/protocols/native/issuer";
import type { KeyPolicy, KeyRecord } from "@linchpin/vault";
import type { Context } from "../../context/index.ts";
import { hourMs } from "../../durations.ts";
import { pointOf } from "../../issuer-keys/index.ts";

/** Sessions live for minutes: the grace periods are for those that were made just before a rotation. */
export const nativeKeyPurposes: Readonly<Record<string, KeyPolicy>> = {
  /** What messages are sealed to. */
  [sealingKey.purpose]: {
    algorithm: sealingKey.alg,
    gracePeriodMs: hourMs,
    settingForOtherAlgorithm: "LINCHPIN_NATIVE=off",
  },
  /** Signs sessions and answers. */
  [signingKey.purpose]: { algorithm: signingKey.alg, gracePeriodMs: hourMs },
};

type KeyContext = Pick<Context, "keyring" | "primitives">;

/** By key id. A key's thumbprint never changes. */
const thumbprints = new Map<string, string>();

export async function thumbprintOf({ primitives }: Pick<Context, "primitives">, key: KeyRecord): Promise<string> {
  const known = thumbprints.get(key.id);
  if (known !== undefined) return known;
  const thumbprint = await jwkThumbprint(primitives, p256JwkFromPoint(pointOf(key)));
  thumbprints.set(key.id, thumbprint);
  return thumbprint;
}

/**
 * The key that a session names, if it is still accepted. Another server may have made it just now.
 * @throws LinchpinError `session_unknown`
 */
export async function findKeyOfSession(context: KeyContext, purpose: string, thumbprint: string): Promise<KeyRecord> {
  for (const maxAgeMs of [undefined, unknownKeyCacheMs])
    for (const key of await context.keyring.usable(purpose, maxAgeMs))
      if ((await thumbprintOf(context, key)) === thumbprint) return key;
  throw new LinchpinError("session_unknown", { field: "session" });
}

/** The key stays in its vault. */
export function agreementKeyOf({ keyring }: KeyContext, key: KeyRecord): AgreementKey {
  return {
    publicPoint: pointOf(key),
    agree: async (peerPoint) => Uint8Array.from(await keyring.agreeWith(key, peerPoint)),
  };
}

/**
 * What `make` signs names the key that it is signed by. Where that key is rotated meanwhile, it is made once more.
 * @throws LinchpinError `unavailable`
 */
export async function signByNativeKey(context: KeyContext, make: (signer: Signer) => Promise<string>): Promise<string> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const key = await context.keyring.current(signingKey.purpose);
    let signedBy: string | null = null;
    const sign = async (data: Uint8Array) => {
      const { keyId, bytes } = await context.keyring.sign(signingKey.purpose, data);
      signedBy = keyId;
      return bytes;
    };
    const signed = await make({ kid: await thumbprintOf(context, key), sign });
    if (signedBy === key.id) return signed;
  }
  throw new LinchpinError("unavailable", { reason: `the key of ${signingKey.purpose} kept changing` });
}

const unknownKeyCacheMs = 100;
