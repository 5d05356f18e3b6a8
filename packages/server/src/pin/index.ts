export { changePin } from "./change-pin.ts";
export {
  checkPolicy,
  checkPolicyButPresentPin,
  checkRulesOfDigits,
  requireChangeAttempt,
  tooManyChanges,
} from "./check-policy.ts";
export { drawPin, pinGenerate } from "./generate-pin.ts";
export { type OperationRun, type PinOperation, runPinOperation } from "./pin-operation.ts";
export { reportChipSynced } from "./report-chip-synced.ts";
export { revealPin } from "./reveal-pin.ts";
export { findSealedPinKey, openSealedPin, parseMarkedPin, parseSealedPin, sealedPinKeyPurposes } from "./sealed-pin.ts";
export {
  cardPinAssociatedData,
  openRequestedPin,
  requestedPinAssociatedData,
  sealRequestedPin,
  sealStoredPin,
  withStoredPin,
} from "./stored-pin.ts";
export { unblockPin } from "./unblock-pin.ts";
export { pinVerify } from "./verify-operation.ts";
