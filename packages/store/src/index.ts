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
} from "./audit.ts";
export type { AccessToken, Credential, CredentialKind, Operator, Partner } from "./callers.ts";
export type { StoredCardData } from "./card-data.ts";
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
} from "./cards.ts";
export type { Challenge, ChallengeKind } from "./challenges.ts";
export type { ChangeRequest, ChangeRequestStatus, DeliveryMethod } from "./change-requests.ts";
export type { Device, DeviceKey, KeyPurpose, NewDevice } from "./devices.ts";
export { migrateEmbedded, openEmbeddedStore } from "./embedded-store.ts";
export { examinePostgres, type PostgresExamination } from "./examine-postgres.ts";
export type { ProtectedByKey, SealedKind, SealedThing } from "./keys.ts";
export type { ClaimedEntry } from "./outbox.ts";
export type { PostgresSettings } from "./postgres-database.ts";
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
} from "./signing-methods.ts";
export type { AuditEntry, Consequences, OutboxEntry, ReplayMark, Sealed, Store } from "./store.ts";
export { type AuditBreak, type AuditVerification, verifyAuditChain } from "./verify-audit-chain.ts";
export {
  type CheckpointBreak,
  type CheckpointedVerification,
  checkpointHashHex,
  verifyCheckpointedChain,
} from "./verify-checkpointed-chain.ts";
