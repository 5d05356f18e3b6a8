import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { comesTrueWithin } from "@linchpin/test-fixtures/browsers/browser";
import type { PageOpener } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import type { KeyInput, Page } from "puppeteer-core";
import { Wire } from "./wire.ts";

const timeoutMs = 15_000;

/** A tab and the wire behind it. Making one takes longer than most tests do: one whose test ended is taken again. */
interface Tab {
  readonly page: Page;
  readonly wire: Wire;
}

/** The tabs of tests that ended, by the sandbox that they show. One origin has one process of the browser. */
const closedTabs = new WeakMap<PageOpener, Map<string, Tab[]>>();

function closedTabsOf(browser: PageOpener, origin: string): Tab[] {
  const byOrigin = closedTabs.get(browser) ?? new Map<string, Tab[]>();
  closedTabs.set(browser, byOrigin);
  const tabs = byOrigin.get(origin) ?? [];
  byOrigin.set(origin, tabs);
  return tabs;
}

/**
 * The page as a cardholder uses it, with a fresh card. Shadow roots stay closed for the page and its scripts; the test
 * alone can look inside. All that a curious script, extension or proxy could read is recorded.
 */
export class SandboxPage {
  readonly page: Page;
  readonly wire: Wire;
  readonly #said: string[] = [];
  readonly #keepTab: () => Promise<void>;

  private constructor(page: Page, wire: Wire, keepTab: () => Promise<void>) {
    this.page = page;
    this.wire = wire;
    this.#keepTab = keepTab;
    page.on("console", (message) => this.#said.push(`console ${message.type()} ${message.text()}`));
    page.on("pageerror", (error) => this.#said.push(`pageerror ${String(error)}`));
  }

  /** `roots`: closed, as the elements make them; open, for axe-core to look inside. */
  static async open(browser: PageOpener, origin: string, roots: "closed" | "open" = "closed"): Promise<SandboxPage> {
    const tabs = closedTabsOf(browser, origin);
    const { page, wire } = tabs.pop() ?? { page: await browser.newPage(), wire: new Wire(origin) };
    await wire.layAnew();
    await page.setViewport({ width: 1440, height: 1400 });
    const { identifier } = await page.evaluateOnNewDocument(lookInside, roots);
    const opened = new SandboxPage(page, wire, async () => {
      await page.removeScriptToEvaluateOnNewDocument(identifier);
      tabs.push({ page, wire });
    });
    await page.goto(opened.wire.origin);
    await opened.until("document.querySelector('.tasks')");
    await opened.press("New cardholder");
    await opened.until("sessionStorage.getItem('linchpin.cardholder')");
    await opened.until("document.querySelector('.panel dl')");
    return opened;
  }

  /** What the phone offers: the protocol, then the task. */
  async choose(protocol: string, task: string): Promise<void> {
    if (await this.page.evaluate("document.querySelector('.back') !== null")) await this.press("‹ Back");
    await this.until("document.querySelector('.tasks')");
    await this.#click(
      `[...document.querySelectorAll('.protocols label')].find((label) => label.textContent === '${protocol}')`,
    );
    const button = `[...document.querySelectorAll('.tasks button')].find((button) => button.querySelector('strong').textContent === '${task}')`;
    await this.until(button);
    await this.#click(button);
    await this.until("document.querySelector('.back')");
  }

  /** A button of the page's own, by its first words. */
  async press(words: string): Promise<void> {
    const button = `[...document.querySelectorAll('button')].find((button) => button.textContent.startsWith('${words}'))`;
    await this.until(button);
    await this.#click(button);
  }

  /** A panel of the issuer's side. */
  async unfold(title: string): Promise<void> {
    await this.#click(
      `[...document.querySelectorAll('summary')].find((one) => one.textContent.startsWith('${title}'))`,
    );
    await this.until(
      `[...document.querySelectorAll('details[open] > summary')].some((one) => one.textContent.startsWith('${title}'))`,
    );
  }

  /** A key's row, as it begins: the journey tells of a rotation before the list is read anew. */
  async untilListed(row: string): Promise<void> {
    await this.until(`[...document.querySelectorAll('tbody tr')].some((one) => one.textContent.startsWith('${row}'))`);
  }

  /** What the journey says of the issuer. */
  async untilCaption(words: string): Promise<void> {
    await this.until(`${captions}.some((caption) => caption.includes(${JSON.stringify(words)}))`);
  }

  /** Before this is asked, what is told instead of it has to be there. */
  async noCaption(words: string): Promise<void> {
    const found = await this.page.evaluate(
      `${captions}.filter((caption) => caption.includes(${JSON.stringify(words)}))`,
    );
    assert.deepEqual(found, []);
  }

  /** What each of these buttons puts into the clipboard. */
  async copied(as: "curl" | "code"): Promise<string[]> {
    return (await this.page.evaluate(`(async () => {
      const copied = [];
      navigator.clipboard.writeText = async (text) => void copied.push(text);
      for (const button of document.querySelectorAll('.copies button'))
        if (button.textContent === 'Copy as ${as}') button.click();
      return copied;
    })()`)) as string[];
  }

  /** How the partner's backend treats what it relays. */
  async chooseRelayFault(name: string): Promise<void> {
    await this.page.select(".relay-fault select", name);
  }

  /** Whether the card is for the native protocol alone; the cardholder is another then. */
  async chooseProgram(name: "each" | "native"): Promise<void> {
    const { cardId } = JSON.parse(String(await this.page.evaluate("sessionStorage.getItem('linchpin.cardholder')")));
    await this.page.select(".program select", name);
    await this.until(`!sessionStorage.getItem('linchpin.cardholder').includes('${cardId}')`);
  }

  /** Whether the app holds the issuer's keys against its roots. */
  async chooseTrust(name: "roots" | "none"): Promise<void> {
    await this.page.select(".trust select", name);
  }

  /** What the journey says of a partner that lies. */
  async untilAttack(outcome: "tried" | "succeeded" | "stopped", words: string): Promise<void> {
    await this.until(
      `[...document.querySelectorAll('.attack.${outcome}')].some(({ textContent }) => textContent.includes(${JSON.stringify(words)}))`,
    );
  }

  /** Before this is asked, what is told instead of it has to be there. */
  async noAttack(outcome: "succeeded" | "stopped"): Promise<void> {
    assert.equal(await this.page.evaluate(`document.querySelector('.attack.${outcome}')?.textContent ?? null`), null);
  }

  /** Digits at the element's real keyboard, then Enter. */
  async type(element: string, digits: string): Promise<void> {
    await this.until(`inside('${element}', '[part~=field]')`);
    await this.page.evaluate(`inside('${element}', '[part~=field]').focus()`);
    for (const digit of digits) await this.page.keyboard.press(digit as KeyInput);
    await this.page.keyboard.press("Enter");
  }

  /** Digits at the element's pad, then its button; `clicks` times in a row. */
  async tap(element: string, digits: string, clicks: 1 | 2 = 1): Promise<void> {
    await this.until(`inside('${element}', '[part~=key]')`);
    for (const digit of digits)
      await this.#click(`[...insideAll('${element}', '[part~=key]')].find((key) => key.textContent === '${digit}')`);
    await this.#click(`inside('${element}', '[part~=submit]')`, clicks);
  }

  /** By pad or keyboard, and once again to repeat it. */
  async chooseAndRepeat(digits: string, way: "type" | "tap" = "type"): Promise<void> {
    await this[way]("linchpin-pin-change", digits);
    await this[way]("linchpin-pin-change", digits);
  }

  async fillIn(code: string): Promise<void> {
    await this.until("document.querySelector('input[name=code]')");
    await this.page.type("input[name=code]", code);
    await this.press("Confirm");
  }

  /** The last digits of the card's number. */
  async fillInDigits(): Promise<void> {
    await this.press("Off the plastic");
  }

  async reveal(): Promise<void> {
    await this.until("inside('linchpin-pin-reveal', 'button')");
    await this.#click("inside('linchpin-pin-reveal', 'button')");
  }

  /** Until an element, or the page around it, says so. */
  async untilSaid(words: string): Promise<void> {
    await this.until(`everythingSaid().includes(${JSON.stringify(words)})`);
  }

  async until(expression: string): Promise<void> {
    const giveUpAt = Date.now() + timeoutMs;
    // The page itself looks again and again, which costs less than to ask it; a reload ends that.
    const comesTrue = comesTrueWithin(1000, expression);
    while (!(await this.page.evaluate(comesTrue).catch(() => sleep(20, false)))) {
      if (Date.now() > giveUpAt)
        assert.fail(`never came true: ${expression}\n${await this.page.evaluate("everythingSaid()")}`);
    }
  }

  /** As the issuer knows the card. */
  async card(): Promise<{ state: string; pin: { status: string; version: number; remainingAttempts: number } }> {
    const { cardId, operatorApiKey } = await this.cardholder();
    const headers = { authorization: `Bearer ${operatorApiKey}` };
    return (await fetch(`${this.wire.origin}/issuer/v1/cards/${cardId}`, { headers })).json();
  }

  /** The page's own requests for the card's state fail, until it goes on. */
  async stopReadingCard(): Promise<void> {
    const { cardId } = await this.cardholder();
    await this.page.evaluate(`{
      const fetchAll = globalThis.fetch;
      const isReading = (path, { method = "GET" } = {}) => method === "GET" && path === "/issuer/v1/cards/${cardId}";
      globalThis.fetch = (path, options) =>
        isReading(path, options) ? Promise.reject(new TypeError("not read")) : fetchAll(path, options);
      globalThis.goOnReadingCard = () => { globalThis.fetch = fetchAll; };
    }`);
  }

  async goOnReadingCard(): Promise<void> {
    await this.page.evaluate("goOnReadingCard()");
  }

  async cardholder(): Promise<{ cardId: string; mobileNumber: string; operatorApiKey: string }> {
    return JSON.parse(String(await this.page.evaluate("sessionStorage.getItem('linchpin.cardholder')")));
  }

  /** The code that went out last. */
  async code(): Promise<string> {
    const { mobileNumber } = await this.cardholder();
    const url = `${this.wire.origin}/sandbox/messages?to=${encodeURIComponent(mobileNumber)}`;
    const messages: { text: string }[] = await (await fetch(url)).json();
    return /\b\d{6}\b/.exec(messages.at(-1)?.text ?? "")?.[0] ?? assert.fail("no code went out");
  }

  /** Every message by the relay to the issuer that makes a change, as the page was told of them. */
  async sentChanges(): Promise<number> {
    return Number(await this.page.evaluate("document.querySelectorAll('.row .partner details').length"));
  }

  /** Refuses this digit sequence in whatever was recorded, and in what the page's scripts can read now. */
  async assertUnseen(digits: string): Promise<void> {
    const readable = String(await this.page.evaluate(allThatIsReadable));
    assert.equal(find(digits, [...this.wire.recorded, ...this.#said].join("\n")), undefined, "recorded");
    assert.equal(find(digits, readable), undefined, "readable");
    assert.ok(this.wire.recorded.length > 0, "nothing was recorded");
  }

  /** What failed, but for the answers that a test asked for. */
  errors(): string[] {
    return this.#said.filter((text) => /^(pageerror|console error)/.test(text) && !text.includes("Failed to load"));
  }

  /** Leaves nothing in the tab but the keys of devices, which have the names of their cardholders. */
  async close(): Promise<void> {
    this.page.removeAllListeners("console");
    this.page.removeAllListeners("pageerror");
    this.wire.pull();
    await this.page.evaluate("sessionStorage.clear(); localStorage.clear()");
    await this.#keepTab();
  }

  /** Clicks where a person would see it, again if the page moved it away from the pointer at that moment. */
  async #click(element: string, count = 1): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      const { x, y } = (await this.page.evaluate(placeOf(element))) as { x: number; y: number };
      await this.page.mouse.click(x, y, { count });
      if (await this.page.evaluate(comesTrueWithin(1000, "globalThis.missesClick !== true")).catch(() => true)) return;
    }
    assert.fail(`no click reached ${element}`);
  }
}

/**
 * Where it stands once the page has come to rest: what was read anew may have moved it. From then on `missesClick` is
 * true until a click reaches it; a page that is loaded anew does not know the name.
 */
function placeOf(element: string): string {
  return `(async () => {
    const element = ${element};
    element.scrollIntoView({ block: "center" }); // not below the header, which stays
    globalThis.missesClick = true;
    element.addEventListener("click", () => { globalThis.missesClick = false; }, { capture: true, once: true });
    for (let last = ""; ; ) {
      const { x, y, width, height } = element.getBoundingClientRect();
      const now = [x, y, width, height].join();
      if (now === last) return { x: x + width / 2, y: y + height / 2 };
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })()`;
}

const captions = "[...document.querySelectorAll('.cell.issuer > p')].map(({ textContent }) => textContent)";

/** The digits with what is around them. What is sealed or measured may hold them by chance, in a longer word. */
function find(digits: string, text: string): string | undefined {
  const at = text.search(new RegExp(`(?<![\\w+/.-])${digits}(?![\\w+/-])`));
  return at === -1 ? undefined : text.slice(Math.max(0, at - 40), at + digits.length + 40);
}

/** Before the page's own scripts: a way for the test, and for it alone, into the closed roots. */
function lookInside(mode: "closed" | "open"): void {
  const roots = new Map<Element, ShadowRoot>();
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, { ...init, mode });
    roots.set(this, root);
    return root;
  };
  const rootOf = (selector: string) => {
    const element = document.querySelector(selector);
    return element === null ? undefined : roots.get(element);
  };
  Object.assign(globalThis, {
    inside: (element: string, selector: string) =>
      [...(rootOf(element)?.querySelectorAll(selector) ?? [])].find((found) => found.checkVisibility()),
    insideAll: (element: string, selector: string) => rootOf(element)?.querySelectorAll(selector) ?? [],
    everythingSaid: () =>
      [document.body.textContent, ...[...roots].map(([host, root]) => (host.isConnected ? root.textContent : ""))].join(
        "\n",
      ),
  });
}

/** Markup, values, storage of every kind, what the history and the performance log keep. */
const allThatIsReadable = `(async () => {
  const databases = await Promise.all((await indexedDB.databases()).map(({ name }) => new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => {
      const all = [...request.result.objectStoreNames].map((store) => new Promise((done) => {
        const read = request.result.transaction(store).objectStore(store).getAll();
        read.onsuccess = () => done(JSON.stringify(read.result));
      }));
      Promise.all(all).then((texts) => { request.result.close(); resolve(texts.join()); });
    };
  })));
  return [
    document.documentElement.outerHTML,
    document.body.textContent,
    ...[...document.querySelectorAll("input, select")].map(({ value }) => value),
    JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, ...databases,
    location.href, JSON.stringify(history.state), String(getSelection()), document.title,
    ...performance.getEntriesByType("resource").map(({ name }) => name),
  ].join("\\n");
})()`;
