import { concatBytes, equalInConstantTime, LinchpinError, utf8 } from "@linchpin/core";
import type { NewSigningMethod, Sealed } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** The identity that the value of a signing method is bound to. */
type MethodIdentity = Pick<NewSigningMethod, "id" | "type" | "physicalDeviceId">;

/**
 * The stored form of a value: HMAC-SHA-256 by a key of the vault, bound to its method and device. It is only ever
 * compared, and without the vault a copy of the database does not allow to try all PINs.
 */
export async function macOfValue(
  context: Context,
  method: MethodIdentity,
  value: Uint8Array,
  keyId?: string,
): Promise<Sealed> {
  const data = concatBytes(
    ...[utf8(method.id), utf8(method.type), value, utf8(method.physicalDeviceId ?? "")].flatMap(withLength),
  );
  try {
    return await context.keyring.mac("venly-signing-method", data, keyId);
  } finally {
    data.fill(0);
  }
}

/**
 * Whether `value` is the method's; `renewedMac` replaces one that an older key made. The same work either way, also
 * where that key is gone: then no value is right, and the method needs recovery.
 */
export async function compareValue(
  context: Context,
  method: MethodIdentity,
  stored: Sealed,
  value: Uint8Array,
): Promise<{ matched: boolean; renewedMac: Sealed | null }> {
  const compared = await macOfValue(context, method, value, stored.keyId).catch(nullIfExpired);
  const current = await context.keyring.current("venly-signing-method");
  const renewedMac = current.id === stored.keyId ? null : await macOfValue(context, method, value);
  return { matched: compared !== null && equalInConstantTime(compared.bytes, stored.bytes), renewedMac };
}

function nullIfExpired(error: unknown): null {
  if (error instanceof LinchpinError && error.code === "key_expired") return null;
  throw error;
}

/** Big-endian, 4 bytes: no two lists of parts are one text. */
function withLength(part: Uint8Array): [Uint8Array, Uint8Array] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, part.length);
  return [length, part];
}
