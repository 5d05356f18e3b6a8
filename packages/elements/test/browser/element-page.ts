import { type Browser, comesTrueWithin, type Page } from "@linchpin/test-fixtures/browsers/browser";
import type { PageServer } from "./page-server.ts";

/** The test page with one element in it, as a cardholder and as a script in that page meet it. */
export class ElementPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** `roots`: closed, as the elements make them; open, for a test that looks inside; with axe-core in the page, too. */
  static async open(
    browser: Browser,
    server: PageServer,
    query: Readonly<Record<string, string>>,
    roots: "closed" | "open" | "axe" = "open",
    path = "/",
  ): Promise<ElementPage> {
    const page = await browser.open(`${server.origin}${path}?${new URLSearchParams({ ...query, roots })}`);
    const element = new ElementPage(page);
    await element.until("customElements.get('linchpin-pin-change') && document.querySelector('main > :not(h1)')");
    if (roots !== "closed") await element.until(`${host}.shadowRoot.querySelector('button')`);
    return element;
  }

  async type(digits: string): Promise<void> {
    for (const digit of digits) await this.page.press(digit);
  }

  async tap(digits: string): Promise<void> {
    for (const digit of digits) await this.click(`${keys}.find((key) => key.textContent === '${digit}')`);
  }

  /** Clicks in the middle of what a JavaScript expression finds. */
  async click(element: string, times: 1 | 2 = 1): Promise<void> {
    const { x, y } = await this.placeOf(element);
    await this.page.click(x, y, times);
  }

  async placeOf(element: string): Promise<{ x: number; y: number }> {
    const place = `(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(${element}.getBoundingClientRect())`;
    return (await this.page.evaluate(place)) as { x: number; y: number };
  }

  /** What stands in a part that can be seen, or "". */
  async text(part: string): Promise<string> {
    const seen = `${all(part)}.filter((part) => part.checkVisibility()).map((part) => part.textContent).join(' | ')`;
    return String(await this.page.evaluate(seen));
  }

  /** What the live region says. */
  async spoken(): Promise<string> {
    return String(await this.page.evaluate(`${host}.shadowRoot.querySelector('[role=status]').textContent`));
  }

  async count(part: string): Promise<number> {
    return Number(await this.page.evaluate(`${all(part)}.filter((part) => part.checkVisibility()).length`));
  }

  async focusField(): Promise<void> {
    await this.page.evaluate(`void ${part("field")}.focus()`);
  }

  async events(): Promise<string[]> {
    return (await this.page.evaluate("eventsOfOurs")) as string[];
  }

  async until(expression: string): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) if (await this.page.evaluate(comesTrueWithin(1000, expression))) return;
    throw new Error(`never came true: ${expression}`);
  }

  async untilTitle(title: string): Promise<void> {
    await this.until(`${all("title")}.some((part) => part.checkVisibility() && part.textContent === '${title}')`);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

/** JavaScript expressions for the page. */
export const host = "document.querySelector('main > :not(h1)')";
export const all = (name: string) => `[...${host}.shadowRoot.querySelectorAll('[part~=${name}]')]`;
export const part = (name: string) => `${all(name)}.find((part) => part.checkVisibility())`;
const keys = all("key");
