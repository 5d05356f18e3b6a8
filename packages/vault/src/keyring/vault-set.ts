import { LinchpinError } from "@linchpin/core";
import type { AgreementVault, AnyVault, MacVault, SigningVault } from "../vault.ts";
import type { KeyRecord } from "./key-records.ts";

/** The vault in which new keys are made, and the vaults of keys that were made before. */
export class VaultSet {
  readonly active: AnyVault;
  /** What key records call the active vault. */
  readonly activeName: string;
  readonly #byName: ReadonlyMap<string, AnyVault>;

  constructor(active: AnyVault, activeName: string, former: ReadonlyMap<string, AnyVault>) {
    this.active = active;
    this.activeName = activeName;
    this.#byName = new Map([...former, [activeName, active]]);
  }

  isInActiveVault({ vault }: KeyRecord): boolean {
    return vault === this.activeName;
  }

  /** The vault that holds the key. @throws LinchpinError `settings_invalid`: that vault is not set up */
  vaultOf({ vault: name }: KeyRecord): AnyVault {
    const vault = this.#byName.get(name);
    if (vault !== undefined) return vault;
    throw new LinchpinError("settings_invalid", {
      reason: `keys that are still needed are in the vault ${name}: set LINCHPIN_FORMER_VAULT to it`,
    });
  }

  /** @throws LinchpinError as `vaultOf` does; `internal`: the key's vault computes no MAC */
  macVaultOf(key: KeyRecord): MacVault {
    const vault = this.vaultOf(key);
    if (isMacVault(vault)) return vault;
    throw new LinchpinError("internal", { reason: "this vault has no mac" });
  }

  /** @throws LinchpinError as `vaultOf` does; `internal`: the key's vault does not sign */
  signingVaultOf(key: KeyRecord): SigningVault {
    const vault = this.vaultOf(key);
    if (isSigningVault(vault)) return vault;
    throw new LinchpinError("internal", { reason: "this vault does not sign" });
  }

  /** @throws LinchpinError as `vaultOf` does; `internal`: the key's vault computes no agreement */
  agreementVaultOf(key: KeyRecord): AgreementVault {
    const vault = this.vaultOf(key);
    if (isAgreementVault(vault)) return vault;
    throw new LinchpinError("internal", { reason: "this vault has no agree" });
  }
}

function isMacVault(vault: AnyVault): vault is AnyVault & MacVault {
  return vault.mac !== undefined;
}

function isSigningVault(vault: AnyVault): vault is AnyVault & SigningVault {
  return vault.sign !== undefined;
}

function isAgreementVault(vault: AnyVault): vault is AnyVault & AgreementVault {
  return vault.agree !== undefined;
}
