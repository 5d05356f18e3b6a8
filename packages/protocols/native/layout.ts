import { bytesFromOctets, concatBytes } from "@linchpin/core";

// Here too, because the published device library has no TypeBox, which the types of `device.ts` name.
export type { RevealedCardData } from "./card-data.ts";
export type { NativePrimitives } from "./primitives.ts";

// What both halves compute alike: names, labels and lengths. `sessionHash` is the README's `h`, SHA-256 over the session's
// signing input; `messageHash` is its `r`, SHA-256 over the message's bytes.

export const operations = ["bind", "pin-change", "pin-verify", "pin-reveal", "card-reveal"] as const;
export type Operation = (typeof operations)[number];

/** What authorizes an operation: a code that reached the person, or a bound device's signature. */
export type Authorization = "code" | "device";

/** Whether the protocol has this operation by this authorization. */
export function isOperation(op: Operation, auth: Authorization): boolean {
  return op === "pin-change" || auth === (op === "bind" ? "code" : "device");
}

/** Whether the message is a point that the answer is sealed to, and nothing sealed. */
export function isReveal(op: Operation): op is "pin-reveal" | "card-reveal" {
  return op === "pin-reveal" || op === "card-reveal";
}

/** Whether the device signs: only a change by code has no device. Binding signs with the key that it binds. */
export function isSigned({ op, auth }: { op: Operation; auth: Authorization }): boolean {
  return op === "bind" || auth === "device";
}

export const sessionTyp = "linchpin-session+jwt";
export const answerTyp = "linchpin-answer+jwt";
/** Characters. */
export const sessionMaxLength = 2048;
export const answerMaxLength = 2048;

/** How the manifest lists the issuer's two keys. Their ids are their thumbprints (RFC 7638). */
export const sealingKey = { purpose: "native-hpke", alg: "HPKE-7" } as const;
export const signingKey = { purpose: "native-signing", alg: "ES256" } as const;

/** By direction and use, so that nothing made for one serves another. */
export const labels = {
  request: "linchpin/v1 request",
  answer: "linchpin/v1 answer",
  device: "linchpin/v1 device",
} as const;

/** HPKE's `info` of a sealed message. */
export function requestInfo(sessionHash: Uint8Array): Uint8Array {
  return labeled(labels.request, sessionHash);
}

/** HPKE's `info` of what an answer seals. */
export function answerInfo(sessionHash: Uint8Array, messageHash: Uint8Array): Uint8Array {
  return labeled(labels.answer, sessionHash, messageHash);
}

/** What the device signs. No text begins with FF: a signature of another protocol is none of this one. */
export function deviceSigned(sessionHash: Uint8Array, messageHash: Uint8Array): Uint8Array {
  return labeled(`\xff${labels.device}`, sessionHash, messageHash);
}

/** A zero stands between the label, of which a character is a byte, and the hashes. */
function labeled(label: string, ...hashes: readonly Uint8Array[]): Uint8Array {
  return concatBytes(bytesFromOctets(`${label}\0`), ...hashes);
}

/** `04 ‖ X ‖ Y` of P-256: HPKE's `enc`, and the one-time key of a reveal. */
export const pointBytes = 65;
/** PIN field, code, digits. */
export const partsBytes = 48;
/** `enc`, the parts, and AES-GCM's tag of 16 bytes. */
export const sealedMessageBytes = 129;

/** What an answer may say, by operation; `refused` and `spent` may stand in each. */
export const resultsOf = {
  bind: ["bound"],
  "pin-change": ["changed"],
  "pin-verify": ["match", "mismatch", "blocked"],
  "pin-reveal": ["revealed"],
  "card-reveal": ["revealed"],
} as const satisfies Record<Operation, readonly string[]>;

/** Why a signed answer refuses. Each spends the session. */
export const refusalCodes = [
  "decryption_failed",
  "code_incorrect",
  "code_locked",
  "rate_limited",
  "pin_refused",
  "pin_reused",
  "session_stale",
  "device_unknown",
  "too_many_devices",
  "pin_not_set",
  "pin_blocked",
  "card_data_not_set",
  "card_blocked",
  "card_terminated",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];
