import { AsyncLocalStorage } from "node:async_hooks";

/** What is known of the request that is being served, for the log and the audit alone: no decision depends on it. */
export interface RequestScope {
  /** One id for the log lines, the audit events and the answer (`x-request-id`) of a request. */
  readonly requestId: string;
  /** The card that was found for this caller; null: none so far. */
  cardId: string | null;
  /** The client whose credential the request claims to have, where there is such a client. */
  claimedClientId: string | null;
}

const scopes = new AsyncLocalStorage<RequestScope>();

export function newRequestScope(requestId: string): RequestScope {
  return { requestId, cardId: null, claimedClientId: null };
}

/** Runs `work`, and everything that it begins, as part of the request. */
export function runInRequest<Result>(scope: RequestScope, work: () => Result): Result {
  return scopes.run(scope, work);
}

/** Undefined outside of a request, as in background work. */
export function currentRequestId(): string | undefined {
  return scopes.getStore()?.requestId;
}

/** Notes the card for the access log. */
export function noteCard(cardId: string): void {
  const scope = scopes.getStore();
  if (scope !== undefined) scope.cardId = cardId;
}

/** Notes the client for the audit event of a failed log-in. */
export function noteClaimedClient(clientId: string | null): void {
  const scope = scopes.getStore();
  if (scope !== undefined) scope.claimedClientId = clientId;
}
