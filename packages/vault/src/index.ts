export { isSymmetric } from "./algorithms.ts";
export type { KeyPair, KeyPairSource } from "./key-pair.ts";
export type { AuditKeyChange, KeyChange } from "./keyring/key-life-cycle.ts";
export type { KeyPolicy } from "./keyring/key-policy.ts";
export type { AuditEntry, KeyRecord, KeyRecords, OutboxEntry, Sealed } from "./keyring/key-records.ts";
export type { KeyState, ListedKey } from "./keyring/key-states.ts";
export { Keyring } from "./keyring/keyring.ts";
export { readSecretFile } from "./secret-file.ts";
export {
  makeMasterKey,
  makeMasterKeyFile,
  parseMasterKey,
  readMasterKeyFile,
  writeMasterKeyFile,
} from "./software/master-key.ts";
export {
  formatShare,
  isOfSameSplit,
  joinMasterKeyShares,
  type MasterKeyShare,
  masterKeyFingerprint,
  parseShare,
  splitMasterKey,
} from "./software/master-key-shares.ts";
export { SoftwareVault } from "./software/software-vault.ts";
export type {
  AgreementVault,
  AnyVault,
  DecliningVault,
  DestroyingVault,
  KeyAlgorithm,
  MacVault,
  SigningVault,
  Vault,
  VaultKey,
} from "./vault.ts";
export type { OpenVault, VaultEvent, VaultScheme } from "./vault-scheme.ts";
export { vaultSchemeOf } from "./vault-schemes.ts";
