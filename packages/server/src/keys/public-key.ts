import { createPublicKey, type KeyObject } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { KeyRecord } from "@linchpin/vault";

/** @throws LinchpinError `internal`: the key is a symmetric one */
export function publicKeyOf({ id, publicKeySpki }: KeyRecord): KeyObject {
  if (publicKeySpki === null) throw new LinchpinError("internal", { reason: `key ${id} has no public half` });
  return createPublicKey({ key: Buffer.from(publicKeySpki), format: "der", type: "spki" });
}
