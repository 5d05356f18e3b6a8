export { makeCardNames } from "./card-names.ts";
export { checkCardState, checkPinIsSet, checkPinState } from "./check-card-state.ts";
export { checkVendorCode } from "./check-vendor-code.ts";
export {
  findCard,
  findCardForChange,
  findCardForMessage,
  findCardForSession,
  findCardOfPan,
  findNamedCard,
  findOwnCard,
} from "./find-card.ts";
export { findOrderProgram } from "./find-order-program.ts";
export { indexPans } from "./index-pans.ts";
export { listLiveCards } from "./list-live-cards.ts";
export { makeCard } from "./make-card.ts";
export { makeProgram } from "./make-program.ts";
export { nameCard } from "./name-card.ts";
export { hasCheckDigit } from "./pan.ts";
export { panIndexPurpose } from "./pan-index.ts";
export { defaultProgramSettings, ProgramSettingsPatch, settingsOf, storedSettingsOf } from "./program-settings.ts";
export { revealCardData, withCardData } from "./reveal-card-data.ts";
export { setCardData } from "./set-card-data.ts";
export { setCardState, stateChange } from "./set-card-state.ts";
export { cardDataAssociatedData, sealCardData, withStoredCardData } from "./stored-card-data.ts";
