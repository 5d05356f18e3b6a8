import { styleSheet } from "./style-sheet.ts";

/** HTMLElement where there is a document; where a server renders pages, a class that can be extended. */
export const HostElement: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * A closed shadow root. Whoever extends HostElement keeps it in a `#field`: as a property, or as a `protected` one,
 * the page could read it.
 *
 * What a hostile script in the same page still can do: patch `attachShadow`, `Uint8Array` or the canvas before this
 * file is loaded; listen to keys at the window before they come here; note where the pad is clicked, which tells the
 * digit unless the pad is shuffled; put a function of its own into `change` or `reveal`; draw a pad of its own.
 */
export function attachClosedRoot(host: HTMLElement): ShadowRoot {
  const root = host.attachShadow({ mode: "closed" });
  // A constructed sheet is no inline style: `style-src 'none'` lets it pass.
  root.adoptedStyleSheets = [styleSheet()];
  return root;
}

/** A property set before the element was defined hides the accessor of its class: set it again, through the accessor. */
export function upgradeProperties(host: HTMLElement, names: readonly string[]): void {
  for (const name of names.filter((name) => Object.hasOwn(host, name))) {
    const value: unknown = Reflect.get(host, name);
    Reflect.deleteProperty(host, name);
    Reflect.set(host, name, value);
  }
}

/**
 * The time that an element is in a page. A page that moves the element takes it out and puts it back, which neither ends
 * it nor begins another.
 */
export class Stay {
  #present: AbortController | undefined;

  /** The signal that ends with it; undefined where the element was only moved. */
  begin(): AbortSignal | undefined {
    if (this.#present !== undefined) return undefined;
    this.#present = new AbortController();
    return this.#present.signal;
  }

  /** Of the present one; without one, a signal that has ended. */
  get signal(): AbortSignal {
    return this.#present?.signal ?? AbortSignal.abort();
  }

  /** `leave` runs where the element has left the page, before the signal. */
  endUnlessMoved(host: HTMLElement, leave: () => void): void {
    // A task later, as WebKit may run microtasks between the two halves of a move.
    setTimeout(() => {
      if (host.isConnected || this.#present === undefined) return;
      const present = this.#present;
      this.#present = undefined;
      leave();
      present.abort();
    });
  }
}
