export type { KeyRecord, KeyRecords } from "./key-records.ts";
export type { KeyAlgorithm, MacVault, SigningVault, Vault, VaultKey } from "./vault.ts";
