export {
  type Caller,
  type CardNameMakers,
  type Context,
  type PartnerCaller,
  type StepTaken,
  sandboxPartnerId,
  type WatchStep,
} from "./context.ts";
export {
  currentRequestId,
  newRequestScope,
  noteCard,
  noteClaimedClient,
  type RequestScope,
  runInRequest,
} from "./request-scope.ts";
export { isStepName, type StepColumn, stepRows } from "./step-rows.ts";
export type { DeliveryFailure, Webhooks } from "./webhooks.ts";
