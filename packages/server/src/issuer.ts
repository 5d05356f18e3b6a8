// The part of the issuer that `@linchpin/sandbox` uses: to seed, watch and show it.
export {
  type AuditEventKind,
  type AuditFacts,
  type AuditSubject,
  auditCatalogue,
  auditDone,
  auditFacts,
  systemCaller,
} from "./audit/index.ts";
export { hashSecret } from "./callers/index.ts";
export { defaultProgramSettings, hasCheckDigit, makeCardNames, sealCardData, withCardData } from "./cards/index.ts";
export { type Context, sandboxPartnerId, stepRows, type WatchStep } from "./context/index.ts";
export {
  compileValidator,
  forbidCaching,
  knownCallerOf,
  orProblem,
  refusalOf,
  requestScopeOf,
  takeOverReply,
  toLinchpinError,
} from "./http/index.ts";
export { makeId, makeOtp, makeSolarisId, makeUuid, type RandomBytes } from "./identifiers.ts";
export { publicKeyOf, rotateKey } from "./keys/index.ts";
export { openMessage } from "./outbox/index.ts";
export { sealStoredPin } from "./pin/index.ts";
export type { Protocol } from "./protocol.ts";
export type { Sandbox } from "./sandbox.ts";
export type { SandboxFactory } from "./sandbox-factory.ts";
