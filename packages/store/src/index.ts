export {
  type AuditBreak,
  type AuditCheckpoint,
  type AuditEvent,
  type AuditReader,
  type AuditShard,
  type AuditStore,
  type AuditVerification,
  auditHash,
  auditShardOf,
  type CheckpointBreak,
  type CheckpointContent,
  type CheckpointedVerification,
  type CheckpointReader,
  checkpointFault,
  checkpointHashHex,
  type ExpectedCheckpoint,
  verifyAuditChain,
  verifyCheckpointedChain,
} from "./audit/index.ts";
export type { AccessToken, Credential, CredentialKind, Operator, Partner } from "./callers/index.ts";
export type {
  Card,
  CardForChange,
  CardOfPan,
  CardState,
  ChangeAsked,
  FirstPin,
  NewCard,
  NewCardData,
  OrderDetails,
  PanMac,
  PinStatus,
  StoredCardData,
} from "./cards/index.ts";
export type { Challenge, ChallengeKind } from "./challenges/index.ts";
export type { ChangeRequest, ChangeRequestStatus, DeliveryMethod } from "./change-requests/index.ts";
export {
  examinePostgres,
  type PostgresExamination,
  type PostgresSettings,
  type SchemaDifference,
} from "./database/index.ts";
export type { NewDevice } from "./devices/index.ts";
export { migrateEmbedded, openEmbeddedStore, openMemoryStore } from "./embedded-store.ts";
export type { Reservation } from "./idempotent-requests/index.ts";
export type { ProtectedByKey, SealedKind, SealedValue } from "./keys/index.ts";
export type { KeyManifest } from "./manifests/index.ts";
export type { ClaimedEntry } from "./outbox/index.ts";
export type { PinChange, PinChangeResult, Verification, VerificationResult, VersionedPin } from "./pins/index.ts";
export { migratePostgres, openPostgresStore } from "./postgres-store.ts";
export type {
  AuditAndOutbox,
  AuditEntry,
  CardDetailsChange,
  Device,
  DeviceKey,
  DeviceKeyPurpose,
  IdempotencyReservation,
  IdempotentAnswer,
  KeptByProtocol,
  MarksOfMessage,
  MobileNumber,
  OutboxEntry,
  Person,
  Program,
  ReplayMark,
  Sealed,
} from "./records.ts";
export type {
  BoundKey,
  CardForMessage,
  CardForSession,
  CodeLimits,
  SessionDecision,
  SessionEffect,
  SessionHolder,
  SessionMessage,
  SpentSession,
} from "./sessions/index.ts";
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
} from "./signing/index.ts";
export { defaultChangesPerDay } from "./statements/index.ts";
export type { Store } from "./store.ts";
export type { Webhook } from "./webhooks/index.ts";
