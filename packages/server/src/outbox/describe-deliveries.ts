import Type from "typebox";
import type { DescribedWebhook } from "../http/index.ts";
import { eventFacts } from "./events.ts";

const headers = {
  "linchpin-delivery-id": "the same each time a delivery is tried again: take it once",
  "linchpin-signature": "`t=<seconds since 1970>,v1=<hex HMAC-SHA-256 of t, a full stop and the body>`",
};
const answers = {
  "2XX": "It was received for sure: it is not sent again",
  "410": "Never again: it is given up",
  default: "It is tried again, for five days",
};

const examples = {
  id: "0199f3a2-5c1d-7c4e-9d3a-6f2b8e1a4c70",
  to: "+4917012345678",
  createdAt: "2026-11-22T13:59:52.000Z",
  occurredAt: "2026-11-22T13:59:52.000Z",
  text: "428913 is your TAN to change the PIN of your card. Never pass it on.",
  cardId: "3f6e9c1d2b7a4e508f1c6d9e0a2b4c5d",
  pinVersion: 2,
  personId: "c4a7e1f05b2d48369e0f1a2b3c4d5e6f",
  deviceId: "9d1c4b7e2a5f40838e6d0c1b2a394857",
  protocol: "solaris",
  purpose: "solaris-pin",
  keyId: "1a2b3c4d5e6f708192a3b4c5d6e7f809",
  version: 2,
  caller: "partner 8b1f0c7d5e2a4936b0d1e2f3a4b5c6d7",
  operation: "POST /solaris/v1/change_requests/:id/confirm",
};

/** What the issuer posts to `LINCHPIN_MESSAGES_URL` and `LINCHPIN_EVENTS_URL`, for `/openapi.json`. */
export function describeDeliveries(): Readonly<Record<string, DescribedWebhook>> {
  const common = { tag: "issuer", headers, examples, answers };
  const Message = Type.Object({
    id: Type.String(),
    to: Type.String({ description: "a mobile number; of a letter, who it is for" }),
    channel: Type.Enum(["sms", "letter"]),
    createdAt: Type.String(),
    text: Type.String({ description: "may hold a code or a PIN: send it, and keep it nowhere" }),
  });
  const message = { ...common, operationId: "receiveMessage", summary: "A message to a person", body: Message };
  const events = Object.entries(eventFacts).map(([type, facts]): [string, DescribedWebhook] => {
    const { cardId, ...others } = facts as Type.TProperties;
    const about = cardId === undefined ? {} : { cardId };
    const body = Type.Object({
      ...{ id: Type.String(), type: Type.Literal(type), ...about, occurredAt: Type.String() },
      ...others,
    });
    const words = type.split(/[._]/).map((word) => word[0]?.toUpperCase() + word.slice(1));
    return [type, { ...common, operationId: `receive${words.join("")}`, summary: `The event ${type}`, body }];
  });
  return { message, ...Object.fromEntries(events) };
}
