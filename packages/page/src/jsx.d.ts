import type { PinChangeElement, PinRevealElement } from "@linchpin/elements";
import type { Ref } from "preact";
import type { PinEntryElement } from "./pin-entry-element.ts";

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "linchpin-pin-change": ElementOf<PinChangeElement>;
      "linchpin-pin-reveal": ElementOf<PinRevealElement>;
      "sandbox-pin-entry": ElementOf<PinEntryElement>;
    }
  }
}

type ElementOf<Element extends HTMLElement> = Partial<Omit<Element, keyof HTMLElement>> & {
  ref?: Ref<Element>;
  shuffled?: boolean;
  "hide-after"?: number;
  [event: `on${string}`]: (event: CustomEvent<{ code: string }>) => void;
};
