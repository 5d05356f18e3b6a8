import type { Pin } from "@linchpin/core";
import { type Failure, failureOf } from "./failure.ts";
import { attachClosedRoot, HostElement, Stay, upgradeProperties } from "./host-element.ts";
import { fill, messagesFor } from "./messages.ts";
import { type PinRevealPicture, PinRevealView } from "./pin-reveal-view.ts";

/** Fetches and opens the PIN. The element wipes it once it is drawn. `signal` aborts when it is hidden before that, or the element leaves the page. */
export type RevealPin = (options: { signal: AbortSignal }) => Promise<Pin>;

/**
 * `<linchpin-pin-reveal>`: a PIN that is shown when asked for, and hides itself after a while, when the page is
 * hidden or printed, and when the window or the element loses the focus. A PIN that arrives while the window has not the
 * focus, or the page is hidden, is shown on return.
 *
 * Attributes: `lang`; `hide-after`, in seconds (1 to 60, 15 if it is not set).
 * Events: `pin-shown`; `pin-hidden`; `pin-reveal-failed` with `detail.code`, the code of the LinchpinError (`internal`
 * for any other).
 */
export class PinRevealElement extends HostElement {
  static readonly observedAttributes: readonly string[] = ["lang"];

  #reveal: RevealPin | undefined;
  #stage: PinRevealPicture["stage"] = "hidden";
  #failure: Failure | undefined;
  #secondsLeft = 0;
  readonly #stay = new Stay();
  /** What the page has lost: the focus of the window, or that it can be seen. */
  readonly #away = new Set<"window" | "page">();
  #onReturn = () => {};
  /** Lives from the wish to see the PIN until it is hidden. */
  #look = new AbortController();
  readonly #view = new PinRevealView(attachClosedRoot(this), () => this.#toggle());

  constructor() {
    super();
    upgradeProperties(this, ["reveal"]);
  }

  get reveal(): RevealPin | undefined {
    return this.#reveal;
  }

  set reveal(reveal: RevealPin | undefined) {
    this.#reveal = reveal;
  }

  /** Hides the PIN, or gives up fetching it. */
  hide(): void {
    if (this.#stage !== "shown" && this.#stage !== "loading") return;
    const wasShown = this.#stage === "shown";
    this.#end("hidden");
    if (!wasShown) return;
    this.#view.speak(messagesFor(this).messages.hidden);
    this.#tell("pin-hidden");
  }

  connectedCallback(): void {
    const signal = this.#stay.begin();
    if (signal === undefined) return;
    const options = { signal };
    for (const type of ["pagehide", "beforeprint"]) window.addEventListener(type, () => this.hide(), options);
    window.addEventListener("blur", () => this.#leaveAttention("window"), options);
    window.addEventListener("focus", () => this.#regainAttention("window"), options);
    const onVisibility = () => (document.hidden ? this.#leaveAttention("page") : this.#regainAttention("page"));
    document.addEventListener("visibilitychange", onVisibility, options);
    this.addEventListener("focusout", () => this.#hideShown(), options);
    this.#show();
  }

  /** Moved by `moveBefore`: without this, a browser would disconnect and connect the element. */
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    this.#stay.endUnlessMoved(this, () => this.#leave());
  }

  /** When the element is out of the page, its own listeners still receive the outcome of the reveal. */
  #leave(): void {
    const wasLoading = this.#stage === "loading";
    this.hide();
    if (wasLoading) this.#tell("pin-reveal-failed", { code: "aborted" });
  }

  #hideShown(): void {
    if (this.#stage === "shown") this.hide();
  }

  /** The dialog of a passkey, too, takes the focus from the page: what shows nothing yet goes on. */
  #leaveAttention(where: "window" | "page"): void {
    this.#away.add(where);
    this.#hideShown();
  }

  #regainAttention(where: "window" | "page"): void {
    this.#away.delete(where);
    this.#hideShown();
    if (this.#away.size === 0) this.#onReturn();
  }

  /** Resolves once the page is looked at. A PIN waits for that no longer than it would be shown. */
  async #attention(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#away.size === 0) return;
    const timer = setTimeout(() => this.hide(), this.#seconds * 1000);
    await new Promise<void>((resolve) => {
      this.#onReturn = resolve;
      signal.addEventListener("abort", () => resolve());
    });
    clearTimeout(timer);
  }

  attributeChangedCallback(): void {
    this.#show();
  }

  #toggle(): void {
    if (this.#stage === "hidden" || this.#stage === "failed") this.#fetch();
    else this.hide();
  }

  async #fetch(): Promise<void> {
    const reveal = this.#reveal;
    if (reveal === undefined) throw new TypeError("<linchpin-pin-reveal>: set its property `reveal`");
    this.#look = new AbortController();
    const { signal } = this.#look;
    this.#away.clear(); // whoever presses the button looks at the page
    this.#begin("loading");
    this.#view.speak(messagesFor(this).messages.loading);
    let pin: Pin | undefined;
    try {
      pin = await reveal({ signal });
      await this.#attention(signal);
      if (!signal.aborted) this.#present(pin, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(failureOf(error, "failureOther"));
    } finally {
      pin?.wipe();
    }
  }

  #present(pin: Pin, signal: AbortSignal): void {
    this.#secondsLeft = this.#seconds;
    this.#begin("shown");
    this.#view.drawDigits(pin.asciiDigits());
    this.#view.speak(fill(messagesFor(this).messages.shown, { seconds: this.#seconds }));
    const tick = setInterval(() => this.#countDown(), 1000);
    signal.addEventListener("abort", () => clearInterval(tick));
    this.#tell("pin-shown");
  }

  #countDown(): void {
    this.#secondsLeft -= 1;
    if (this.#secondsLeft > 0) this.#show();
    else this.hide();
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#end("failed");
    const { messages } = messagesFor(this);
    this.#view.speak(`${messages.revealFailedTitle}. ${messages[failure.text]}`);
    this.#tell("pin-reveal-failed", { code: failure.code });
  }

  #begin(stage: "loading" | "shown"): void {
    this.#failure = undefined;
    this.#stage = stage;
    this.#show();
  }

  #end(stage: "hidden" | "failed"): void {
    this.#stage = stage;
    this.#look.abort();
    this.#view.eraseDigits();
    this.#show();
  }

  get #seconds(): number {
    const seconds = Number(this.getAttribute("hide-after") ?? 15);
    return seconds >= 1 && seconds <= 60 ? Math.round(seconds) : 15;
  }

  #show(): void {
    const { language, messages } = messagesFor(this);
    const failure = this.#failure && {
      text: messages[this.#failure.text],
      next: this.#failure.next === "nothing" ? "" : messages.retry,
    };
    const picture = { stage: this.#stage, failure, secondsLeft: this.#secondsLeft, seconds: this.#seconds };
    this.#view.show(picture, messages, language);
  }

  #tell(event: "pin-shown" | "pin-hidden" | "pin-reveal-failed", detail?: { code: string }): void {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true, detail }));
  }
}
