import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { addWebhook } from "./add-webhook.ts";
import { deleteWebhook } from "./delete-webhook.ts";
import { findWebhook } from "./find-webhook.ts";
import { listWebhooks } from "./list-webhooks.ts";
import type { Webhook } from "./records.ts";

export type { Webhook } from "./records.ts";

/** Partners' subscriptions to events. What is sent to them goes through the outbox. */
export interface WebhookStore {
  /** Counts and adds under one lock. `too_many`: the partner has `maxWebhooks` in this protocol. */
  addWebhook(
    webhook: Webhook,
    maxWebhooks: number,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "too_many" | "partner_unknown">;
  findWebhook(id: string): Promise<Webhook | null>;
  /** A partner's webhooks in a protocol, oldest first. */
  listWebhooks(protocol: string, partnerId: string): Promise<Webhook[]>;
  /** What waits in the outbox for it stays there, and finds no webhook. */
  deleteWebhook(id: string, auditAndOutbox: AuditAndOutbox): Promise<"deleted" | "unknown">;
}

export function webhookStore(database: Database): WebhookStore {
  return bindQueries(database, { addWebhook, findWebhook, listWebhooks, deleteWebhook });
}
