export type { KeyNote, KeyRecord, KeyRecords } from "./key-records.ts";
export { type KeyPurpose, Keyring, type KeyState, type ListedKey, type NoteKeyAct, type Sealed } from "./keyring.ts";
export { makeMasterKeyFile, parseMasterKey, readMasterKeyFile, writeMasterKeyFile } from "./master-key.ts";
export {
  formatShare,
  isOfSameSplit,
  joinMasterKeyShares,
  type MasterKeyShare,
  masterKeyFingerprint,
  parseShare,
  splitMasterKey,
} from "./master-key-shares.ts";
export { Pkcs11Vault } from "./pkcs11/pkcs11-vault.ts";
export { parseTokenUri, type TokenUri } from "./pkcs11/token-uri.ts";
export { readSecretFile } from "./secret-file.ts";
export { SoftwareVault } from "./software-vault.ts";
export type { DestroyingVault, KeyAlgorithm, MacVault, SigningVault, Vault, VaultKey } from "./vault.ts";
