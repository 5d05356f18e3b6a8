import type { PinChangeEvents, PinRevealEvents } from "./element-events.ts";
import { PinChangeElement } from "./pin-change-element.ts";
import { PinRevealElement } from "./pin-reveal-element.ts";

export type { PinPolicy } from "@linchpin/core";
export type { FailureDetail, PinChangeEvents, PinRevealEvents } from "./element-events.ts";
export { type Messages, registerMessages } from "./messages.ts";
export { type ChangePin, PinChangeElement } from "./pin-change-element.ts";
export { PinRevealElement, type RevealPin } from "./pin-reveal-element.ts";

declare global {
  interface HTMLElementTagNameMap {
    "linchpin-pin-change": PinChangeElement;
    "linchpin-pin-reveal": PinRevealElement;
  }

  // Listeners on the elements, on what stands around them and on the frame that they are in.
  interface GlobalEventHandlersEventMap extends PinChangeEvents, PinRevealEvents {}
}

// A server that renders pages may import this too, and two bundles on one page may both bring it.
if (globalThis.customElements !== undefined && customElements.get("linchpin-pin-change") === undefined) {
  customElements.define("linchpin-pin-change", PinChangeElement);
  customElements.define("linchpin-pin-reveal", PinRevealElement);
}
