import { hexFromBytes } from "@linchpin/core";

/** As Adyen's examples write it; read in either case. */
export function upperHexFromBytes(bytes: Uint8Array): string {
  return hexFromBytes(bytes).toUpperCase();
}
