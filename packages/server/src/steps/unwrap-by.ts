import { LinchpinError, type Unwrap } from "@linchpin/core";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../context/index.ts";

/** Unwraps by the key that the step `key` found. */
export function unwrapBy({ keyring }: Context, key: KeyRecord | undefined): Unwrap {
  if (key === undefined) throw new LinchpinError("internal", { reason: "the operation found no key to unwrap by" });
  return (wrapped, lengthBytes) => keyring.unwrapWith(key, wrapped, lengthBytes);
}
