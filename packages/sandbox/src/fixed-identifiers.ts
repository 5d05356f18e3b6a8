import { createHash } from "node:crypto";

/** The id of the sandbox's one program. */
export const sandboxProgramId = "sandbox";

/** The id of the program for the native protocol alone, which is made with the first card of it. */
export const nativeOnlyProgramId = "sandbox-native-only";

/** 32 digits that are the same in every sandbox. */
export function fixedHex(what: string): string {
  return createHash("sha256").update(`linchpin sandbox ${what}`).digest("hex").slice(0, 32);
}

/** A UUID in form (RFC 9562 §5.8) that is the same in every sandbox. */
export function fixedId(what: string): string {
  const hex = fixedHex(what);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join("-");
}
