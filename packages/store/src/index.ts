export {
  type AuditCheckpoint,
  type AuditEvent,
  type AuditReader,
  type AuditShard,
  type AuditStore,
  auditHash,
  auditShardOf,
  type CheckpointContent,
  type CheckpointReader,
} from "./audit/audit.ts";
export { type AuditBreak, type AuditVerification, verifyAuditChain } from "./audit/verify-audit-chain.ts";
export {
  type CheckpointBreak,
  type CheckpointedVerification,
  checkpointHashHex,
  verifyCheckpointedChain,
} from "./audit/verify-checkpointed-chain.ts";
export type { AccessToken, Credential, CredentialKind, Operator, Partner } from "./callers/callers.ts";
export type { StoredCardData } from "./cards/card-data.ts";
export type {
  Card,
  CardForChange,
  CardState,
  MobileNumber,
  NewCard,
  Person,
  PinChange,
  PinChangeResult,
  PinStatus,
  Program,
  Verification,
  VerificationResult,
  VersionedPin,
} from "./cards/cards.ts";
export type { Challenge, ChallengeKind } from "./challenges/challenges.ts";
export type { ChangeRequest, ChangeRequestStatus, DeliveryMethod } from "./change-requests/change-requests.ts";
export { examinePostgres, type PostgresExamination } from "./database/examine-postgres.ts";
export type { PostgresSettings } from "./database/postgres-database.ts";
export type { Device, DeviceKey, KeyPurpose, NewDevice } from "./devices/devices.ts";
export { migrateEmbedded, openEmbeddedStore } from "./embedded-store.ts";
export type { ProtectedByKey, SealedKind, SealedThing } from "./keys/keys.ts";
export type { ClaimedEntry } from "./outbox/outbox.ts";
export { migratePostgres, openPostgresStore } from "./postgres-store.ts";
export type {
  NewSigningMethod,
  OwnedSigningMethod,
  Signing,
  SigningMethod,
  SigningMethodChange,
  SigningMethodType,
  SigningOutcome,
  SigningRefusal,
  SigningUser,
} from "./signing/signing-methods.ts";
export type { AuditEntry, Consequences, OutboxEntry, ReplayMark, Sealed, Store } from "./store.ts";
