import type { PinPolicy } from "@linchpin/core";
import { build, buildIcon, icons } from "./build-element.ts";
import { fill, type Messages } from "./messages.ts";
import { PinPad } from "./pin-pad.ts";
import type { PinRule } from "./pin-rules.ts";

/** All that is drawn of a change: how many digits there are, never which. */
export interface PinChangePicture {
  readonly stage: "entering" | "repeating" | "sending" | "done" | "failed";
  readonly digitCount: number;
  readonly policy: PinPolicy;
  readonly rules: readonly PinRule[];
  /** What is wrong with the entry, once it was handed in. */
  readonly notice: string;
  readonly failure: { readonly title: string; readonly text: string; readonly retry: string } | undefined;
}

interface Handlers {
  readonly digit: (digit: number) => void;
  readonly delete: () => void;
  readonly submit: () => void;
  readonly startAgain: () => void;
}

/** Draws a PIN change into a shadow root. Built once; what a screen reader or the keyboard stands on stays in place. */
export class PinChangeView {
  readonly pad: PinPad;
  readonly #root: ShadowRoot;
  readonly #step = build("p", { part: "step" });
  readonly #title = build("p", { part: "title", id: "title" });
  // Not a text field: screen readers echo what is typed into one.
  readonly #field = build("div", {
    part: "field",
    role: "application",
    tabindex: "0",
    "aria-labelledby": "title",
    "aria-describedby": "notice advice",
  });
  readonly #notice = build("p", { part: "notice", id: "notice", role: "alert" });
  readonly #advice = build("div", { part: "advice", id: "advice" });
  readonly #submit = build("button", { part: "button submit", type: "button" });
  readonly #entry: HTMLElement;
  readonly #result = build("div", { part: "result", tabindex: "-1" });
  readonly #retry = build("button", { part: "button retry", type: "button" });
  readonly #spoken = build("p", { class: "spoken", role: "status" });
  readonly #panel: HTMLElement;

  constructor(root: ShadowRoot, on: Handlers) {
    this.#root = root;
    this.pad = new PinPad(on);
    this.#submit.addEventListener("click", (event) => event.detail > 1 || on.submit());
    this.#retry.addEventListener("click", on.startAgain);
    this.#entry = build(
      "div",
      { part: "entry" },
      build("div", { part: "heading" }, this.#step, this.#title),
      this.#field,
      build("div", { class: "below" }, this.#notice, this.#advice),
      this.pad.element,
      this.#submit,
    );
    this.#panel = build("div", { part: "panel", role: "group" }, this.#entry, this.#result, this.#spoken);
    root.append(this.#panel);
    root.addEventListener("keydown", (event) => {
      if (event.target !== this.#field || (event as KeyboardEvent).key !== "Enter") return;
      if (!(event as KeyboardEvent).repeat) on.submit();
    });
  }

  show(picture: PinChangePicture, messages: Messages, language: string): void {
    const isEntry = picture.stage === "entering" || picture.stage === "repeating";
    this.#panel.lang = language;
    this.#panel.ariaBusy = String(picture.stage === "sending");
    this.#entry.hidden = !isEntry;
    this.#result.hidden = isEntry;
    if (isEntry) this.#showEntry(picture, messages);
    else this.#showResult(picture, messages);
  }

  /** Says what has come, and moves the focus there, but only if it was in here. */
  enter(): void {
    const heard = this.#entry.hidden ? this.#result.querySelectorAll("p") : [this.#title];
    this.speak(Array.from(heard, ({ textContent }) => textContent).join(". "));
    if (this.#root.activeElement === null) return;
    if (!this.#entry.hidden) this.#field.focus();
    else (this.#retry.isConnected ? this.#retry : this.#result).focus();
  }

  /** For those who hear the page: how many digits there are, never which. */
  speak(text: string): void {
    this.#spoken.textContent = text;
  }

  #showEntry(picture: PinChangePicture, messages: Messages): void {
    const { stage, digitCount, policy, rules, notice } = picture;
    const isRepeating = stage === "repeating";
    this.#step.textContent = fill(messages.step, { step: isRepeating ? 2 : 1, steps: 2 });
    this.#title.textContent = isRepeating ? messages.repeatTitle : messages.chooseTitle;
    this.#field.setAttribute("aria-roledescription", messages.field);
    this.#field.classList.toggle("wrong", notice !== "");
    this.#field.replaceChildren(...buildCells(digitCount, policy));
    this.#field.classList.toggle("many", policy.maxLength > 6);
    this.#notice.textContent = notice;
    this.#advice.hidden = notice !== "";
    this.#advice.replaceChildren(isRepeating ? build("p", {}, messages.repeatText) : buildRules(rules, messages));
    this.#submit.textContent = isRepeating ? messages.submit : messages.next;
    this.#submit.ariaDisabled = String(digitCount < policy.minLength);
    this.pad.say(messages, isRepeating);
  }

  #showResult({ stage, failure }: PinChangePicture, messages: Messages): void {
    const title = (text: string) => build("p", { part: "title" }, text);
    const text = (text: string) => build("p", { part: "text" }, text);
    this.#retry.textContent = failure?.retry ?? "";
    if (stage === "sending")
      this.#result.replaceChildren(
        build("span", { part: "progress" }),
        title(messages.sendingTitle),
        text(messages.sendingText),
      );
    else if (failure === undefined)
      this.#result.replaceChildren(
        build("span", { part: "sign success" }, buildIcon(icons.check)),
        title(messages.doneTitle),
        text(messages.doneText),
        build("slot", { name: "done" }),
      );
    else
      this.#result.replaceChildren(
        build("span", { part: "sign failure" }, buildIcon(icons.exclamation)),
        title(failure.title),
        text(failure.text),
        ...(failure.retry === "" ? [] : [this.#retry]),
      );
  }
}

function buildCells(digitCount: number, { minLength, maxLength }: PinPolicy): HTMLElement[] {
  const cellCount = Math.min(maxLength, Math.max(minLength, digitCount + 1));
  return Array.from({ length: cellCount }, (_, index) => {
    const state = index < digitCount ? " full" : index === digitCount ? " next" : "";
    return build("span", { part: `cell${state}` });
  });
}

function buildRules(rules: readonly PinRule[], messages: Messages): HTMLElement {
  const spokenState = { open: "", met: `: ${messages.ruleMet}`, broken: `: ${messages.ruleBroken}` };
  const signs = { open: [], met: [buildIcon(icons.check)], broken: [buildIcon(icons.cross)] };
  const items = rules.map(({ text, state }) =>
    build(
      "li",
      { part: `rule ${state}` },
      build("span", { class: "bullet" }, ...signs[state].map((icon) => icon.cloneNode(true))),
      build("span", {}, text, build("span", { class: "spoken" }, spokenState[state])),
    ),
  );
  return build("ul", { part: "rules" }, ...items);
}
