import { type Pin, type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import { DigitEntry } from "./digit-entry.ts";
import { type Failure, failureOf } from "./failure.ts";
import { attachClosedRoot, HostElement, Stay, upgradeProperties } from "./host-element.ts";
import { fill, type Messages, messagesFor } from "./messages.ts";
import { type PinChangePicture, PinChangeView } from "./pin-change-view.ts";
import { shuffleDigits } from "./pin-pad.ts";
import { pinRules } from "./pin-rules.ts";
import { listenForTyping } from "./typed-digits.ts";

/**
 * Seals the PIN and sends it. The PIN is wiped once the promise settles, so keep no hold of it.
 * `signal` aborts when the element leaves the page.
 */
export type ChangePin = (pin: Pin, options: { signal: AbortSignal }) => Promise<unknown>;

/**
 * `<linchpin-pin-change>`: a new PIN, typed twice, handed to `change` once.
 *
 * Attributes: `lang`; `shuffled` for a pad in random order. Slot `done`: what else to say after a change.
 * Events: `pin-changed`; `pin-change-failed` with `detail.code`, the code of the LinchpinError (`internal` for any other).
 * A page may move the element at any time: what was typed and a change under way stay.
 */
export class PinChangeElement extends HostElement {
  static readonly observedAttributes: readonly string[] = ["lang", "shuffled"];

  #change: ChangePin | undefined;
  #policy: PinPolicy = solarisPinPolicy;
  #stage: PinChangePicture["stage"] = "entering";
  #failure: Failure | undefined;
  readonly #stay = new Stay();
  readonly #chosen = new DigitEntry();
  readonly #repeated = new DigitEntry();
  readonly #root = attachClosedRoot(this);
  readonly #view = new PinChangeView(this.#root, {
    digit: (digit) => this.#push(digit),
    delete: () => this.#pop(),
    submit: () => this.#submit(),
    startAgain: () => this.reset(),
  });

  constructor() {
    super();
    upgradeProperties(this, ["change", "policy"]);
    listenForTyping(this.#root, { digit: (digit) => this.#push(digit), delete: () => this.#pop() });
  }

  get change(): ChangePin | undefined {
    return this.#change;
  }

  set change(change: ChangePin | undefined) {
    this.#change = change;
  }

  /** What the card program asks of a PIN; Solaris' rules if it is not set. */
  get policy(): PinPolicy {
    return this.#policy;
  }

  set policy(policy: PinPolicy) {
    this.#policy = policy;
    this.reset();
  }

  /** Wipes what was typed and begins anew. While a change is under way, nothing happens. */
  reset(): void {
    if (this.#stage !== "sending") this.#begin("entering");
  }

  connectedCallback(): void {
    const signal = this.#stay.begin();
    if (signal === undefined) return;
    // A page that comes back from the browser's cache must not bring the digits along.
    window.addEventListener("pagehide", () => this.reset(), { signal });
    // The outcome of a change that was under way as the element left the page is still to be shown.
    if (this.#takesDigits) this.#begin("entering");
    else this.#show();
  }

  /** Moved by `moveBefore`: without this, a browser would disconnect and connect the element. */
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    this.#stay.endUnlessMoved(this, () => {
      this.#wipe();
      if (this.#stage !== "sending") this.#stage = "entering";
    });
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.reset();
  }

  get #takesDigits(): boolean {
    return this.#stage === "entering" || this.#stage === "repeating";
  }

  get #entry(): DigitEntry {
    return this.#stage === "repeating" ? this.#repeated : this.#chosen;
  }

  #push(digit: number): void {
    if (!this.#takesDigits || this.#entry.count >= this.#policy.maxLength) return;
    this.#entry.push(digit);
    this.#showCount();
  }

  #pop(): void {
    if (!this.#takesDigits) return;
    this.#entry.pop();
    this.#showCount();
  }

  #submit(): void {
    if (!this.#takesDigits) return;
    const { messages } = messagesFor(this);
    const { minLength } = this.#policy;
    if (this.#entry.count < minLength) this.#show(fill(messages.incomplete, { min: minLength }));
    else if (this.#stage === "entering") this.#choose();
    else if (this.#repeated.equals(this.#chosen)) this.#send();
    else {
      this.#repeated.wipe();
      this.#show(messages.mismatch);
    }
  }

  #choose(): void {
    const rules = pinRules(this.#policy, this.#chosen, messagesFor(this).messages);
    const broken = rules.find(({ state }) => state === "broken");
    if (broken === undefined) this.#begin("repeating");
    else {
      this.#chosen.wipe();
      this.#show(broken.refusal);
    }
  }

  /** The stage leaves `repeating` before anything else happens: a second click or Enter finds nothing to send. */
  async #send(): Promise<void> {
    const change = this.#change;
    if (change === undefined) throw new TypeError("<linchpin-pin-change>: set its property `change`");
    const { signal } = this.#stay;
    const pin = this.#chosen.toPin();
    this.#begin("sending");
    try {
      await change(pin, { signal });
      this.#finish(undefined);
    } catch (error) {
      // Without a code of ours nobody knows how far the change came.
      this.#finish(failureOf(error, "failureUnknown"));
    } finally {
      pin.wipe();
    }
  }

  /** Out of the page, whoever listens on the element itself is told too, and the cardholder when it comes back. */
  #finish(failure: Failure | undefined): void {
    this.#failure = failure;
    this.#begin(failure === undefined ? "done" : "failed");
    const event = failure === undefined ? "pin-changed" : "pin-change-failed";
    this.dispatchEvent(new CustomEvent(event, { bubbles: true, detail: failure && { code: failure.code } }));
  }

  /** Whatever stage comes, no digit of the last one stays, but for the PIN that is to be repeated. */
  #begin(stage: PinChangePicture["stage"]): void {
    if (stage === "repeating") this.#repeated.wipe();
    else this.#wipe();
    this.#stage = stage;
    const isShuffled = this.hasAttribute("shuffled");
    if (this.#takesDigits) this.#view.pad.arrange(isShuffled ? shuffleDigits() : [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    this.#show();
    this.#view.enter();
  }

  #wipe(): void {
    this.#chosen.wipe();
    this.#repeated.wipe();
  }

  #showCount(): void {
    this.#show();
    const { messages } = messagesFor(this);
    const { minLength, maxLength } = this.#policy;
    const text = minLength === maxLength ? messages.entered : messages.enteredSoFar;
    this.#view.speak(fill(text, { count: this.#entry.count, max: maxLength }));
  }

  #show(notice = ""): void {
    const { language, messages } = messagesFor(this);
    const picture = {
      stage: this.#stage,
      digitCount: this.#entry.count,
      policy: this.#policy,
      rules: pinRules(this.#policy, this.#chosen, messages),
      notice,
      failure: this.#failure && this.#stage === "failed" ? wordsFor(this.#failure, messages) : undefined,
    };
    this.#view.show(picture, messages, language);
  }
}

function wordsFor({ text, next }: Failure, messages: Messages): NonNullable<PinChangePicture["failure"]> {
  return {
    title: text === "failureUnknown" ? messages.unknownTitle : messages.failedTitle,
    text: messages[text],
    retry: next === "nothing" ? "" : messages[next],
  };
}
