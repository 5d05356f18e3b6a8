import type { AuditStore } from "./audit/index.ts";
import type { CallerStore } from "./callers/index.ts";
import type { CardStore } from "./cards/index.ts";
import type { ChallengeStore } from "./challenges/index.ts";
import type { ChangeRequestStore } from "./change-requests/index.ts";
import type { DeviceStore } from "./devices/index.ts";
import type { IdempotentRequestStore } from "./idempotent-requests/index.ts";
import type { KeyStore } from "./keys/index.ts";
import type { ManifestStore } from "./manifests/index.ts";
import type { OutboxStore } from "./outbox/index.ts";
import type { PersonStore } from "./persons/index.ts";
import type { PinStore } from "./pins/index.ts";
import type { ProgramStore } from "./programs/index.ts";
import type { ReplayMarkStore } from "./replay-marks/index.ts";
import type { SessionStore } from "./sessions/index.ts";
import type { SigningStore } from "./signing/index.ts";
import type { WebhookStore } from "./webhooks/index.ts";

/**
 * What the issuer stores. Each method is one statement or one transaction, which is committed before its promise is
 * fulfilled. The caller makes all ids. The store holds no key, and can open nothing that is sealed.
 *
 * Every method rejects with `unavailable` when the database cannot be reached or has no connection free.
 */
export interface Store
  extends AuditStore,
    CallerStore,
    CardStore,
    ChallengeStore,
    ChangeRequestStore,
    DeviceStore,
    IdempotentRequestStore,
    KeyStore,
    ManifestStore,
    OutboxStore,
    PersonStore,
    PinStore,
    ProgramStore,
    ReplayMarkStore,
    SessionStore,
    SigningStore,
    WebhookStore {
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
