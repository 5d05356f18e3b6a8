import type { ErrorCode } from "@linchpin/core";
import type { FastifyRequest } from "fastify";

/** A code, or what a verification says of a PIN. */
type Refusal = ErrorCode | "mismatch" | "blocked";

const refusals = new WeakMap<FastifyRequest, Refusal>();

export function noteRefusal(request: FastifyRequest, refusal: Refusal): void {
  refusals.set(request, refusal);
}

/** Undefined where nothing was refused. */
export function refusalOf(request: FastifyRequest): Refusal | undefined {
  return refusals.get(request);
}

/** Whether what the request came with was guessed wrong: a PIN, a signing method, a TAN. */
export function hasWrongSecret(request: FastifyRequest): boolean {
  return wrongSecrets.has(refusals.get(request));
}

const wrongSecrets: ReadonlySet<Refusal | undefined> = new Set(["mismatch", "signing_method_incorrect", "tan_invalid"]);
