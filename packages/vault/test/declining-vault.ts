import { LinchpinError } from "@linchpin/core";
import { SoftwareVault } from "../src/software/software-vault.ts";
import type { DecliningVault, KeyAlgorithm, VaultKey } from "../src/vault.ts";

/** A vault that has no RSAES-PKCS1-v1_5, like the KMS of cloud providers. */
export class VaultWithoutPkcs1 extends SoftwareVault implements DecliningVault {
  declines(algorithm: KeyAlgorithm): string | null {
    return algorithm === "RSA-PKCS1" ? "its provider offers no RSAES-PKCS1-v1_5" : null;
  }

  override async makeKey(id: string, algorithm: KeyAlgorithm) {
    this.#refuseDeclined(algorithm);
    return super.makeKey(id, algorithm);
  }

  override async unwrap(key: VaultKey, wrapped: Uint8Array, lengthBytes: number, fallback?: Uint8Array) {
    this.#refuseDeclined(key.algorithm);
    return super.unwrap(key, wrapped, lengthBytes, fallback);
  }

  #refuseDeclined(algorithm: KeyAlgorithm): void {
    const reason = this.declines(algorithm);
    if (reason !== null) throw new LinchpinError("settings_invalid", { reason });
  }
}
