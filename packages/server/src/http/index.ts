export { answerErrors, type Explain } from "./answer-errors.ts";
export { callerName, callerOf, knownCallerOf, partnerOf, requireCaller } from "./caller.ts";
export { closeConnectionsWithTheirAnswer, connectionOptions, drainConnections } from "./connections.ts";
export { toLinchpinError } from "./errors.ts";
export { forbidCaching } from "./forbid-caching.ts";
export { openapiOf } from "./openapi.ts";
export { describeProblem, mediaType, orProblem, ProtectedCounts } from "./problem.ts";
export { hasWrongSecret, noteRefusal, refusalOf } from "./refusals.ts";
export { readTls, startCertificateRenewal } from "./tls.ts";
