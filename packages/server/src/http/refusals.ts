import type { ErrorCode } from "@linchpin/core";
import type { FastifyRequest } from "fastify";

/** A code, or what a verification says of a PIN. */
export type Refusal = ErrorCode | "mismatch" | "blocked";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The refusals of a route that say that a secret was guessed wrong. Absent: it compares none. */
    readonly wrongSecrets?: readonly Refusal[];
  }
}

/**
 * The `config` of a route that compares a secret which can be guessed: a PIN, a former PIN, a signing method, a TAN, an
 * OTP, an activation code. `wrong` are its refusals that say the secret was wrong; `throttleFailedAttempts` counts them.
 */
export function comparesSecret(...wrong: readonly Refusal[]): { readonly wrongSecrets: readonly Refusal[] } {
  return { wrongSecrets: wrong };
}

const refusals = new WeakMap<FastifyRequest, Refusal>();

export function noteRefusal(request: FastifyRequest, refusal: Refusal): void {
  refusals.set(request, refusal);
}

/** The refusal that a request was answered with; undefined where it succeeded. */
export function refusalOf(request: FastifyRequest): Refusal | undefined {
  return refusals.get(request);
}

/** Whether what the request came with was guessed wrong. */
export function hasWrongSecret(request: FastifyRequest): boolean {
  const refusal = refusals.get(request);
  return refusal !== undefined && (request.routeOptions.config.wrongSecrets ?? []).includes(refusal);
}
