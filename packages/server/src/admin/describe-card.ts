import type { Card } from "@linchpin/store";
import Type from "typebox";
import { settingsOf } from "../cards/index.ts";
import { object } from "./shapes.ts";

export type CardReply = Type.Static<typeof CardReply>;
export const CardReply = object({
  id: Type.String(),
  state: Type.Enum(["active", "blocked", "terminated"]),
  pin: object({
    status: Type.Enum(["not_set", "active", "blocked"]),
    remainingAttempts: Type.Integer(),
    version: Type.Integer(),
    chip: Type.Enum(["in_sync", "pending"]),
  }),
});

export function describeCard(card: Card): CardReply {
  const { status, version, failedTries, chipVersion } = card.pin;
  const { tryLimit } = settingsOf(card.program);
  return {
    id: card.id,
    state: card.state,
    pin: {
      status,
      remainingAttempts: status === "blocked" ? 0 : Math.max(0, tryLimit - failedTries),
      version,
      chip: chipVersion === version ? "in_sync" : "pending",
    },
  };
}
