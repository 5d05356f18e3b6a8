import type { ErrorCode } from "@linchpin/core";
import type { FastifyRequest } from "fastify";

/** The code of a refusal, or the result of a verification. */
type Refusal = ErrorCode | "mismatch" | "blocked";

const refusals = new WeakMap<FastifyRequest, Refusal>();

export function noteRefusal(request: FastifyRequest, refusal: Refusal): void {
  refusals.set(request, refusal);
}

/** The refusal that a request was answered with; undefined where it succeeded. */
export function refusalOf(request: FastifyRequest): Refusal | undefined {
  return refusals.get(request);
}

/** Whether the request failed by a wrong PIN, signing method or TAN. */
export function hasWrongSecret(request: FastifyRequest): boolean {
  return wrongSecrets.has(refusals.get(request));
}

const wrongSecrets: ReadonlySet<Refusal | undefined> = new Set(["mismatch", "signing_method_incorrect", "tan_invalid"]);
