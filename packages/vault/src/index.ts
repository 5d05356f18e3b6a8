export type { KeyRecord, KeyRecords } from "./key-records.ts";
export { type KeyPurpose, Keyring, type ListedKey, type Sealed } from "./keyring.ts";
export { makeMasterKeyFile, parseMasterKey, readMasterKeyFile } from "./master-key.ts";
export { SoftwareVault } from "./software-vault.ts";
export type { DestroyingVault, KeyAlgorithm, MacVault, SigningVault, Vault, VaultKey } from "./vault.ts";
