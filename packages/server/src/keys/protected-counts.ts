import type { ProtectedByKey } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** `ProtectedByKey` in the words of the issuer API and of the audit events, where the PIN history is `formerPins`. */
export type ProtectedCounts = Omit<ProtectedByKey, "pinHistory"> & { readonly formerPins: number };

/** How many stored values need the key. */
export async function countProtected({ store }: Context, keyId: string): Promise<ProtectedCounts> {
  const { pins, pinHistory, ...others } = await store.countProtected(keyId);
  return { pins, formerPins: pinHistory, ...others };
}
