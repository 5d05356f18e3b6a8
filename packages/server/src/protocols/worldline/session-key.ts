import { equalInConstantTime, LinchpinError } from "@linchpin/core";
import {
  type KeyWrap,
  keySetOfVersion,
  keyWraps,
  markOfSessionKey,
  sessionKeyBytes,
  type WrappedSessionKey,
} from "@linchpin/protocols/worldline/issuer";
import type { ReplayMark } from "@linchpin/store";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../../context/index.ts";

/** A session key as it came in, and how session keys are wrapped here. */
export interface Sealed extends WrappedSessionKey {
  readonly keyWrap: KeyWrap;
}

/** A session key, which is spent by its mark. Whoever opened it wipes it. */
export interface SessionKey extends ReplayMark {
  readonly bytes: Uint8Array;
  /**
   * Whether it came in wrapped. With RSAES-PKCS1-v1_5 always true: an answer that told would be Bleichenbacher's oracle,
   * so that what does not open yields bytes that nobody knows, and is answered as any other.
   */
  readonly isSent: boolean;
  wipe(): void;
}

/** The newest key of the set that the message names. @throws LinchpinError `key_unknown` */
export async function findKeySet(context: Context, sealed: Sealed): Promise<KeyRecord> {
  const [newest] = await keysOfSet(context, sealed);
  if (newest === undefined) throw new LinchpinError("key_unknown", { reason: "this key set has no key" });
  return newest;
}

/** Unwraps by every key of the set, each length in turn, whichever fits: the work is the same for all that comes in. */
export async function openSessionKey(context: Context, sealed: Sealed): Promise<SessionKey> {
  const { keyWrap } = sealed;
  const keys = await keysOfSet(context, sealed);
  const tried: Tried[] = [];
  for (const lengthBytes of sessionKeyBytes[keyWrap]) tried.push(await unwrapBy(context, keys, sealed, lengthBytes));
  const [first] = tried;
  const chosen = (keyWrap === "pkcs1" ? first : tried.find(({ fits }) => fits)) ?? first;
  const keyId = keys[0]?.id;
  if (chosen === undefined || keyId === undefined) throw new LinchpinError("key_unknown");
  for (const other of tried) if (other !== chosen) other.bytes.fill(0);
  const { bytes, fits } = chosen;
  const mark = await markOfSessionKey(context.primitives, bytes);
  return { bytes, mark, keyId, isSent: keyWrap === "pkcs1" || fits, wipe: () => bytes.fill(0) };
}

interface Tried {
  readonly bytes: Uint8Array;
  readonly fits: boolean;
}

async function unwrapBy(
  { keyring, primitives }: Context,
  keys: readonly KeyRecord[],
  { wrappedKey }: Sealed,
  lengthBytes: number,
): Promise<Tried> {
  const unknown = primitives.randomBytes(lengthBytes);
  let bytes: Uint8Array = unknown.slice();
  for (const key of keys) {
    const fallback = bytes;
    bytes = await keyring.unwrapWith(key, wrappedKey, lengthBytes, fallback);
    fallback.fill(0);
  }
  const fits = !equalInConstantTime(bytes, unknown);
  unknown.fill(0);
  return { bytes, fits };
}

/** Newest first. As in `Keyring.find`: another server may have made the key just now. */
async function keysOfSet({ keyring }: Context, { keyWrap, keySet }: Sealed): Promise<KeyRecord[]> {
  const usable = await keyring.usable(keyWraps[keyWrap].purpose, unknownKeyCacheMs);
  return usable.filter(({ version }) => keySetOfVersion(version) === keySet);
}

const unknownKeyCacheMs = 100;
