import { requestTimeoutMs } from "./http/index.ts";
import { deliveryTimeoutMs } from "./outbox/index.ts";
import { enabledProtocolsOf, longestAnswerMsOf, type Protocol } from "./protocol.ts";
import type { Settings } from "./settings/index.ts";

/**
 * How long callers may use connections that they have. One that sends without a pause uses each of them once more, and is
 * asked to close it: no request of its is lost.
 */
export const drainTimeoutsMs = { production: 5_000, sandbox: 0 };

/**
 * The longest time from the signal to stop until a server has ended, while the database answers. Its parts follow each
 * other: callers end their connections, a request that has begun is sent to its end and answered, a message that is
 * being posted is answered by its receiver. Whatever ends a server by force must wait longer than this.
 */
export function longestStopMs(protocols: readonly Protocol[], settings: Settings): number {
  const longestAnswerMs = longestAnswerMsOf(enabledProtocolsOf(protocols, settings), settings);
  return drainTimeoutsMs[settings.mode] + requestTimeoutMs + longestAnswerMs + deliveryTimeoutMs;
}
