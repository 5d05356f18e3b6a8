// The elements' types for templates of Vue 3: `import type {} from "@linchpin/elements/vue"`. It is types alone.
import type { HTMLAttributes, PublicProps } from "vue";
import type { PinChangeEvents, PinRevealEvents } from "./element-events.ts";
import type { PinChangeElement } from "./pin-change-element.ts";
import type { PinRevealElement } from "./pin-reveal-element.ts";

/** `PinChanged` of `-pin-changed`. */
type CamelCase<Name extends string> = Name extends `${infer Before}-${infer After}`
  ? `${Before}${CamelCase<Capitalize<After>>}`
  : Name;

/** What a template writes `@pin-changed` is checked as the property `onPinChanged`. */
type Listeners<Events> = {
  [Name in keyof Events & string as `on${CamelCase<`-${Name}`>}`]?: (event: Events[Name]) => void;
};

/** As Vue's guide has it for custom elements: a class whose instances have the properties that a template may set. */
type ElementComponent<Element, Events, Properties extends keyof Element, Attributes> = new () => Element & {
  /** @deprecated It is there for templates' types alone. */
  $props: Omit<HTMLAttributes, `on${string}`> &
    PublicProps &
    Partial<Pick<Element, Properties>> &
    Listeners<Events> &
    Attributes;
};

declare module "vue" {
  interface GlobalComponents {
    "linchpin-pin-change": ElementComponent<
      PinChangeElement,
      PinChangeEvents,
      "change" | "policy",
      { shuffled?: boolean | undefined }
    >;
    "linchpin-pin-reveal": ElementComponent<
      PinRevealElement,
      PinRevealEvents,
      "reveal",
      { "hide-after"?: number | string | undefined }
    >;
  }
}
