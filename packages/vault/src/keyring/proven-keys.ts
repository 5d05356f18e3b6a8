import { createHash } from "node:crypto";
import type { KeyRecord } from "./key-records.ts";
import { provePossession } from "./prove-possession.ts";
import type { VaultSet } from "./vault-set.ts";

/** The keys whose vaults have shown that they hold the private half. */
export class ProvenKeys {
  readonly #vaults: VaultSet;
  /** By id: a digest of all that was proven, so that a record that is altered later is proven anew. */
  readonly #digests = new Map<string, string>();

  constructor(vaults: VaultSet) {
    this.#vaults = vaults;
  }

  /** @throws LinchpinError as `provePossession` does */
  async prove(key: KeyRecord): Promise<void> {
    const digest = digestOf(key);
    if (this.#digests.get(key.id) === digest) return;
    await provePossession(this.#vaults, key);
    this.#digests.set(key.id, digest);
  }
}

function digestOf({ algorithm, vault, handle, publicKeySpki }: KeyRecord): string {
  const parts = [algorithm, vault, handle, publicKeySpki ?? ""].map((part) => Buffer.from(part).toString("base64"));
  return createHash("sha256").update(parts.join(" ")).digest("base64");
}
