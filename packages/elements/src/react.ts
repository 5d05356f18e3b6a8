// The elements' types for JSX in React 19: `import type {} from "@linchpin/elements/react"`. It is types alone.
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { PinChangeEvents, PinRevealEvents } from "./element-events.ts";
import type { PinChangeElement } from "./pin-change-element.ts";
import type { PinRevealElement } from "./pin-reveal-element.ts";

/** React 19 listens to the event `pin-changed` by the property `onpin-changed`. */
type Listeners<Events> = { [Name in keyof Events & string as `on${Name}`]?: (event: Events[Name]) => void };

type ElementProps<Element, Events, Properties extends keyof Element, Attributes> = DetailedHTMLProps<
  HTMLAttributes<Element>,
  Element
> &
  Partial<Pick<Element, Properties>> &
  Listeners<Events> &
  Attributes;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "linchpin-pin-change": ElementProps<
        PinChangeElement,
        PinChangeEvents,
        "change" | "policy",
        { shuffled?: boolean | undefined }
      >;
      "linchpin-pin-reveal": ElementProps<
        PinRevealElement,
        PinRevealEvents,
        "reveal",
        { "hide-after"?: number | string | undefined }
      >;
    }
  }
}
