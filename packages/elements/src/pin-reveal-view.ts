import { build, buildIcon, icons } from "./build-element.ts";
import { fill, type Messages } from "./messages.ts";

export interface PinRevealPicture {
  readonly stage: "hidden" | "loading" | "shown" | "failed";
  readonly failure: { readonly text: string; readonly next: string } | undefined;
  readonly secondsLeft: number;
  readonly seconds: number;
}

/** Draws a PIN that is shown for a while into a shadow root. */
export class PinRevealView {
  readonly #title = build("p", { part: "title", id: "title" });
  readonly #text = build("p", { part: "text" });
  // Drawn, so that the page's find, copy and translate do not meet it; what a screen reader says is never rendered.
  readonly #canvas = build("canvas", { part: "digits", role: "img", "aria-labelledby": "spoken-digits" });
  readonly #spokenDigits = build("span", { id: "spoken-digits", hidden: "" });
  readonly #mask = build("div", { part: "mask", "aria-hidden": "true" });
  readonly #progress = build("span", { part: "progress" });
  readonly #sign = build("span", { part: "sign failure" }, buildIcon(icons.exclamation));
  readonly #bar = build("span", { part: "bar" });
  readonly #countdown = build("p", { part: "countdown", "aria-hidden": "true" });
  readonly #button = build("button", { part: "button toggle", type: "button" });
  readonly #spoken = build("p", { class: "spoken", role: "status" });
  readonly #panel: HTMLElement;

  constructor(root: ShadowRoot, onToggle: () => void) {
    this.#mask.append(...Array.from({ length: 4 }, () => build("span", { part: "dot" })));
    const stage = build(
      "div",
      { part: "stage" },
      this.#sign,
      this.#progress,
      this.#mask,
      this.#canvas,
      this.#countdown,
    );
    this.#panel = build(
      "div",
      { part: "panel reveal", role: "group", "aria-labelledby": "title" },
      build("div", { part: "heading" }, this.#title, this.#text),
      stage,
      this.#button,
      this.#spokenDigits,
      this.#spoken,
    );
    this.#button.addEventListener("click", (event) => event.detail > 1 || onToggle());
    root.append(this.#panel);
  }

  show({ stage, failure, seconds, secondsLeft }: PinRevealPicture, messages: Messages, language: string): void {
    const isShown = stage === "shown";
    this.#panel.lang = language;
    this.#panel.ariaBusy = String(stage === "loading");
    this.#title.textContent = failure ? messages.revealFailedTitle : messages.revealTitle;
    this.#text.textContent = failure ? failure.text : messages.revealText;
    this.#sign.hidden = !failure;
    this.#progress.hidden = stage !== "loading";
    this.#mask.hidden = stage !== "hidden";
    this.#canvas.hidden = !isShown;
    this.#countdown.hidden = !isShown;
    this.#bar.style.setProperty("--left", String((secondsLeft - 1) / seconds));
    this.#countdown.replaceChildren(this.#bar, fill(messages.countdown, { seconds: secondsLeft }));
    this.#button.textContent = failure ? failure.next : messages[isShown || stage === "loading" ? "hide" : "show"];
    this.#button.hidden = this.#button.textContent === "";
    this.#button.part.toggle("quiet", isShown || stage === "loading");
  }

  speak(text: string): void {
    this.#spoken.textContent = text;
  }

  /** Draws ASCII digits, one string of one digit at a time, and names them to a screen reader that asks. */
  drawDigits(asciiDigits: Uint8Array): void {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const context = this.#canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    const { color, fontFamily } = getComputedStyle(this.#canvas);
    const cell = Math.min(height, width / asciiDigits.length);
    context.scale(scale, scale);
    context.font = `600 ${cell * 0.75}px ${fontFamily}`;
    context.fillStyle = color;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const start = (width - cell * asciiDigits.length) / 2;
    for (const [index, digit] of asciiDigits.entries()) {
      context.fillText(String.fromCharCode(digit), start + cell * (index + 0.5), height / 2);
      this.#spokenDigits.append(`${String.fromCharCode(digit)} `);
    }
  }

  eraseDigits(): void {
    this.#canvas.width = 0;
    this.#spokenDigits.replaceChildren();
  }
}
