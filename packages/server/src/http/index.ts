export { answerErrors, type Explain, retryAfterSeconds } from "./answer-errors.ts";
export { callerName, callerOf, knownCallerOf, partnerOf, requireCaller } from "./caller.ts";
export {
  closeConnectionsWithTheirAnswer,
  connectionOptions,
  drainConnections,
  isStopping,
  requestTimeoutMs,
  stopBeingReady,
} from "./connections.ts";
export { toLinchpinError } from "./errors.ts";
export { forbidCaching } from "./forbid-caching.ts";
export { omitNullMembers } from "./omit-null-members.ts";
export type { DescribedWebhook } from "./openapi/describe-webhook.ts";
export type { ExampleValues } from "./openapi/example-of.ts";
export { openapiOf, type ProtocolOpenapi, type SecurityScheme } from "./openapi/openapi.ts";
export { describeProblem, mediaType, orProblem, ProtectedCounts } from "./problem.ts";
export { comparesSecret, hasWrongSecret, noteRefusal, refusalOf } from "./refusals.ts";
export { refuseForeignHosts } from "./refuse-foreign-hosts.ts";
export { callerOrAddress, limitByClient, withoutLimit } from "./request-limits.ts";
export { compileSerializer, compileValidator } from "./schema-compilers.ts";
export { requestIdHeader, requestScopeOf, scopeRequests } from "./scope-requests.ts";
export { sendLongTexts } from "./send-long-texts.ts";
export { setSecurityHeaders } from "./set-security-headers.ts";
export { takeOverReply } from "./take-over-reply.ts";
export { readTls, startCertificateRenewal } from "./tls.ts";
