import { CardReply, webhookSubscriptionEvent } from "@linchpin/protocols/solaris/wire";
import type { DescribedWebhook, ProtocolOpenapi } from "../../http/index.ts";

const at = "2026-11-22T13:59:52.000Z";

const examples = {
  client_id: "3a5c7e9f1b2d4f60",
  client_secret: "qYw0l6J5m3v9b2c8x4z7a1s6d5f3g2h9",
  access_token: "qYw0l6J5m3v9b2c8x4z7a1s6d5f3g2h9",
  expires_in: 3600,
  id: "9d1c4b7e2a5f40838e6d0c1b2a394857",
  status: 404,
  code: "not_found",
  title: "Not Found",
  detail: "There is no such card.",
  kid: "1a2b3c4d5e6f708192a3b4c5d6e7f809",
  key_id: "1a2b3c4d5e6f708192a3b4c5d6e7f809",
  n: "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1Wl…",
  e: "AQAB",
  device_id: "9d1c4b7e2a5f40838e6d0c1b2a394857",
  encrypted_pin: "eyJhbGciOiJSU0EtT0FFUC0yNTYi.example.example.example.example",
  signature: "3045022100aa55aa55",
  message: "change request confirmation pending",
  updated_at: at,
  created_at: at,
  expires_at: at,
  url: "https://partner.example/webhooks",
  person_id: "mper-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  account_id: "macc-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  reference: "order-6735",
  type: "VISA_DEBIT",
  line_1: "ADA LOVELACE",
  string_to_sign: "9d1c4b7e2a5f4083",
  text_to_sign: "9d1c4b7e2a5f4083",
  response_code: 204,
  key: `04${"5e".repeat(64)}`,
  name: "Ada's phone",
  field: "encrypted_pin",
  app_signature: "FA+9qCX9VSu",
  number: "+4917012345678",
  token: "428913",
  secret: "8e6d0c1b2a3948579d1c4b7e2a5f4083",
};

const answers = {
  "2XX": "It was received",
  "410": "The webhook is deleted",
  "422": "It is not sent again",
  default: "It is tried again, for five days",
};
const common = { tag: "solaris", examples, answers };

const webhooks: Readonly<Record<string, DescribedWebhook>> = {
  [webhookSubscriptionEvent]: {
    ...common,
    operationId: "solarisReceiveSubscription",
    summary: "Sent once, before a webhook is made: it is made where the URL answers 2xx",
    headers: { "solaris-webhook-event-type": webhookSubscriptionEvent },
    body: null,
    answers: { "2XX": "The webhook is made", default: "It is not" },
  },
  CARD_LIFECYCLE_EVENT: {
    ...common,
    operationId: "solarisReceiveCardLifecycleEvent",
    summary: "The state of one of the partner's cards has changed",
    headers: {
      "solaris-entity-id": "of the card",
      "solaris-webhook-attempt": "1, and one more each time it is tried again",
      "solaris-webhook-event-type": "CARD_LIFECYCLE_EVENT",
      "solaris-webhook-id": "the same each time it is tried again: take it once",
      "solaris-webhook-signature": "`sha256=<hex HMAC-SHA-256 of the body, by the webhook's secret>`",
      "solaris-webhook-subscription-id": "of the webhook",
    },
    body: CardReply,
  },
};

export const solarisOpenapi: ProtocolOpenapi = { examples, webhooks };
