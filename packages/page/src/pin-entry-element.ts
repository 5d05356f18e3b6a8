import {
  attachClosedRoot,
  build,
  DigitEntry,
  HostElement,
  listenForTyping,
  messagesFor,
  PinPad,
} from "@linchpin/elements/parts";

/**
 * `<sandbox-pin-entry>`: a PIN that is known already, typed once: at a terminal, or to allow a payment. Its digits are
 * handed to `enter` as bytes, which are wiped once the promise settles.
 */
export class PinEntryElement extends HostElement {
  /** How many digits. */
  length = 4;
  submitLabel = "OK";
  enter: ((asciiDigits: Uint8Array<ArrayBuffer>) => Promise<void>) | undefined;
  #isSending = false;
  readonly #entry = new DigitEntry();
  readonly #field = build("div", { part: "field", role: "application", tabindex: "0", "aria-label": "PIN" });
  readonly #submit = build("button", { part: "button submit", type: "button" });
  readonly #spoken = build("p", { class: "spoken", role: "status" });
  readonly #pad = new PinPad({
    digit: (digit) => this.#push(digit),
    delete: () => this.#pop(),
    startAgain: () => this.reset(),
  });
  readonly #root = attachClosedRoot(this);

  constructor() {
    super();
    this.#pad.arrange([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    this.#submit.addEventListener("click", () => this.#send());
    listenForTyping(this.#root, { digit: (digit) => this.#push(digit), delete: () => this.#pop() });
    this.#field.addEventListener("keydown", ({ key, repeat }) => {
      if (key === "Enter" && !repeat) this.#send();
    });
    const entry = build("div", { part: "entry" }, this.#field, this.#pad.element, this.#submit);
    this.#root.append(build("div", { part: "panel", role: "group" }, entry, this.#spoken));
  }

  connectedCallback(): void {
    this.#pad.say(messagesFor(this).messages, true);
    this.#submit.textContent = this.submitLabel;
    this.reset();
  }

  disconnectedCallback(): void {
    this.#entry.wipe();
  }

  reset(): void {
    this.#entry.wipe();
    this.#show();
  }

  #push(digit: number): void {
    if (this.#isSending || this.#entry.count >= this.length) return;
    this.#entry.push(digit);
    this.#show();
  }

  #pop(): void {
    this.#entry.pop();
    this.#show();
  }

  async #send(): Promise<void> {
    if (this.#isSending || this.#entry.count < this.length) return;
    this.#isSending = true;
    const pin = this.#entry.toPin();
    const asciiDigits = Uint8Array.from(pin.asciiDigits());
    pin.wipe();
    this.reset();
    try {
      await this.enter?.(asciiDigits);
    } finally {
      asciiDigits.fill(0);
      this.#isSending = false;
    }
  }

  #show(): void {
    const cells = Array.from({ length: this.length }, (_, index) => {
      const state = index < this.#entry.count ? " full" : index === this.#entry.count ? " next" : "";
      return build("span", { part: `cell${state}` });
    });
    this.#field.replaceChildren(...cells);
    this.#submit.ariaDisabled = String(this.#entry.count < this.length);
    this.#spoken.textContent = `${this.#entry.count} of ${this.length}`;
  }
}

customElements.define("sandbox-pin-entry", PinEntryElement);
