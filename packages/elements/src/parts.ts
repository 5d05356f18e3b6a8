// What the elements are made of, for an element of your own that takes a PIN.
export { build } from "./build-element.ts";
export { DigitEntry } from "./digit-entry.ts";
export { attachClosedRoot, HostElement } from "./host-element.ts";
export { messagesFor } from "./messages.ts";
export { PinPad } from "./pin-pad.ts";
export { listenForTyping } from "./typed-digits.ts";
