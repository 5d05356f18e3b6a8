import { randomBelow } from "@linchpin/core";
import { build, buildIcon, icons } from "./build-element.ts";
import type { Messages } from "./messages.ts";

/** The on-screen keys: 1 2 3 / 4 5 6 / 7 8 9 / start again 0 delete. One tab stop; arrow keys go from key to key. */
export class PinPad {
  readonly element: HTMLElement = build("div", { part: "pad", role: "group" });
  // No part of its own for each digit: the page could tell by `::part(key-5):active` which one is pressed.
  readonly #digitKeys = Array.from({ length: 10 }, () => buildKey("key"));
  readonly #startAgainKey = buildKey("key quiet-key");
  readonly #deleteKey = buildKey("key quiet-key", buildIcon(icons.delete));
  readonly #keys: readonly HTMLButtonElement[];

  constructor(on: { digit: (digit: number) => void; delete: () => void; startAgain: () => void }) {
    for (const key of this.#digitKeys) onPress(key, () => on.digit(Number(key.textContent)));
    onPress(this.#startAgainKey, on.startAgain);
    onPress(this.#deleteKey, on.delete);
    this.#keys = this.#digitKeys.toSpliced(9, 0, this.#startAgainKey).concat(this.#deleteKey);
    this.#makeTabStop(this.#keys[0]);
    this.element.append(...this.#keys);

    // Focus stays where the keyboard's user or the screen reader has it.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    this.element.addEventListener("keydown", (event) => this.#move(event));
    // What bubbles on would tell the page where the pad was hit. Who listens before us, at the window, still sees it.
    for (const type of positionEvents) this.element.addEventListener(type, (event) => event.stopPropagation());
  }

  /** Says which digit each key has, by rows. */
  arrange(digits: readonly number[]): void {
    for (const [index, key] of this.#digitKeys.entries()) key.textContent = String(digits[index]);
  }

  say(messages: Messages, canStartAgain: boolean): void {
    this.element.ariaLabel = messages.pad;
    this.#deleteKey.ariaLabel = messages.deleteDigit;
    this.#startAgainKey.textContent = messages.startAgain;
    this.#startAgainKey.hidden = !canStartAgain;
  }

  #move(event: KeyboardEvent): void {
    const from = this.#keys.indexOf(event.target as HTMLButtonElement);
    const to = this.#keys[from + (steps[event.key] ?? 0)];
    if (to === undefined || to === event.target || to.hidden) return;
    event.preventDefault();
    this.#makeTabStop(to);
    to.focus();
  }

  #makeTabStop(stop: HTMLButtonElement | undefined): void {
    for (const key of this.#keys) key.tabIndex = key === stop ? 0 : -1;
  }
}

function buildKey(part: string, ...children: Node[]): HTMLButtonElement {
  return build("button", { part, type: "button" }, ...children);
}

/** A browser makes the `click` of a finger a little later, when the next finger may be down already. */
const clickFollowsWithinMs = 1000;

/**
 * A pointer acts as it goes down, as on any keypad: a second thumb may be down before the first is up, and then the
 * browser makes no `click` of either. A keyboard and assistive technology make a `click` alone. WCAG 2.2, 2.5.2.
 */
function onPress(key: HTMLButtonElement, act: () => void): void {
  let pointedAtMs = -clickFollowsWithinMs;
  key.addEventListener("pointerdown", ({ button, timeStamp }) => {
    if (button !== 0) return;
    pointedAtMs = timeStamp;
    act();
  });
  key.addEventListener("pointerup", ({ timeStamp }) => {
    pointedAtMs = timeStamp;
  });
  key.addEventListener("click", ({ detail, timeStamp }) => {
    const isOfPointer = detail > 0 && timeStamp - pointedAtMs < clickFollowsWithinMs;
    if (!isOfPointer) act();
  });
}

/** How far each arrow leads in three columns. */
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 };

/** Ten digits in an order that a bystander, or a script that notes where the pad is hit, can't know. */
export function shuffleDigits(fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void = fillByWebCrypto): number[] {
  const randomBytes = (length: number) => {
    const bytes = new Uint8Array(length);
    fillRandom(bytes);
    return bytes;
  };
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const shuffled: number[] = [];
  while (digits.length > 0) shuffled.push(...digits.splice(randomBelow({ randomBytes }, digits.length), 1));
  return shuffled;
}

function fillByWebCrypto(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}

const positionEvents = [
  "click",
  "dblclick",
  "mousedown",
  "mouseup",
  "pointerdown",
  "pointerup",
  "touchstart",
  "touchend",
];
