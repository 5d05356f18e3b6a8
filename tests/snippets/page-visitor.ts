import assert from "node:assert/strict";
import type { Browser, Page } from "@linchpin/test-fixtures/browsers/browser";
import { NativeCardholder } from "@linchpin/testing/native";
import type { SolarisCardholder } from "@linchpin/testing/solaris";

/** A cardholder before a page of the guides, with a real keyboard. They see what the screen shows and no more. */
export class PageVisitor {
  readonly #page: Page;
  readonly #cardholder: SolarisCardholder;

  private constructor(page: Page, cardholder: SolarisCardholder) {
    this.#page = page;
    this.#cardholder = cardholder;
  }

  static async open(browser: Browser, url: string, cardholder: SolarisCardholder): Promise<PageVisitor> {
    const page = await browser.open(url);
    await page.evaluate(noteOutcomes);
    return new PageVisitor(page, cardholder);
  }

  /** Types the code that came by SMS. */
  async typesCode(): Promise<void> {
    await this.#until(isInInput);
    await this.types(await this.#cardholder.newestOtp());
  }

  /** Types the last eight digits of the card's number, which stand on it, and in the next field the code that came by SMS. */
  async typesDigitsAndCode(): Promise<void> {
    const digits = await (await NativeCardholder.of(this.#cardholder.sandbox)).lastDigits();
    await this.#until(isInInput);
    await this.#press(...digits, "Tab", ...(await this.#cardholder.newestOtp()), "Enter");
  }

  /** Says yes with the button that has the focus. */
  async agrees(): Promise<void> {
    await this.#until("document.activeElement.matches('button')");
    await this.#press("Enter");
  }

  async changesPin(digits: string): Promise<void> {
    await this.choosesPin(digits);
    await this.hasChangedPin(digits);
  }

  /** Types it and repeats it. */
  async choosesPin(digits: string): Promise<void> {
    await this.#goTo("linchpin-pin-change");
    for (const _ of ["choose", "repeat"]) await this.#press(...digits, "Enter");
  }

  /** The page says so, and the card has it. */
  async hasChangedPin(digits: string): Promise<void> {
    await this.#ends("pin-changed");
    assert.equal((await this.#cardholder.verify(digits)).body.result, "match");
  }

  /** Asks for the PIN and gets it. */
  async seesPin(): Promise<void> {
    await this.#goTo("linchpin-pin-reveal");
    await this.#press("Enter");
    await this.#ends("pin-shown");
  }

  /** Types into the page's own field, and sends it. */
  async types(text: string): Promise<void> {
    await this.#until(isInInput);
    await this.#press(...text, "Enter");
  }

  /** Has the card a PIN, set another way. */
  async hasPin(digits: string): Promise<void> {
    await this.#cardholder.changePin(digits, await this.#cardholder.bindDevice());
  }

  /** Waits until the page reads so. */
  async reads(text: string): Promise<void> {
    await this.#until(`document.body.innerText.includes(${JSON.stringify(text)})`);
  }

  /** Waits until the page's module has run. */
  async hasSeenPageEnd(): Promise<void> {
    await this.#until("document.title === 'done'");
  }

  async leaves(): Promise<void> {
    await this.#page.close();
  }

  async #ends(outcome: string): Promise<void> {
    await this.#until("outcomes.length > 0");
    assert.deepEqual(await this.#page.evaluate("outcomes.splice(0)"), [outcome]);
  }

  /** By the Tab key, from the top of the page: the elements let no script focus what is inside them. */
  async #goTo(name: string): Promise<void> {
    await this.#until(`${shown(name)} || ${frameIsLoaded}`);
    await this.#page.evaluate("document.querySelector('iframe')?.focus()");
    const isThere = `document.activeElement.matches('iframe, ${name}')`;
    do await this.#press("Tab");
    while (!(await this.#page.evaluate(isThere)));
  }

  async #press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#page.press(key);
  }

  async #until(expression: string): Promise<void> {
    for (let tries = 0; tries < 1200; tries += 1) {
      if (await this.#page.evaluate(`Boolean(${expression})`)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(
      `never came true: ${expression}; the page: ${await this.#page.evaluate("document.body.innerText")}`,
    );
  }
}

const shown = (selector: string) =>
  `[...document.querySelectorAll('${selector}')].find((element) => element.checkVisibility())`;

const frameIsLoaded =
  "performance.getEntriesByType('resource').some(({ initiatorType }) => initiatorType === 'iframe')";

/** Moves there, too. */
const isInInput = `${shown("input")}?.focus() ?? document.activeElement.matches('input')`;

const noteOutcomes = `void (globalThis.outcomes = ["pin-changed", "pin-change-failed", "pin-shown", "pin-reveal-failed"]
  .reduce((outcomes, type) => {
    document.addEventListener(type, ({ detail }) => outcomes.push(detail?.code ?? type));
    return outcomes;
  }, []))`;
