import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type KeyInput, type Page, type Browser as PuppeteerBrowser } from "puppeteer-core";
import type { Browser } from "./browser.ts";

/** `scripts/test.ts` starts one Chromium for all files, and says here where: its DevTools WebSocket URL. */
export const sharedChromiumVariable = "LINCHPIN_TEST_CHROMIUM_URL";

const chromiumArguments = [
  "--no-sandbox", // Chromium refuses its sandbox to root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Without a graphics card, drawing takes most of the time.
  "--force-prefers-reduced-motion",
  // It would start a process for a page of another site, which no test opens next.
  "--disable-features=SpareRendererForSitePerProcess",
];

const firefoxPreferences = {
  "browser.newtab.preload": false,
  "browser.sessionstore.interval": 3_600_000,
  "dom.ipc.processPrelaunch.enabled": false,
  "layout.frame_rate": 20,
  "ui.prefersReducedMotion": 1,
};

/** What opens pages that share cookies and storage with one another, and with no other test file's. */
export type PageOpener = Pick<PuppeteerBrowser, "newPage">;

interface Debians {
  readonly browser: PageOpener;
  close(): Promise<void>;
}

/** Debian's Chromium or Firefox, headless: the Chromium that the test run shares, or one with a profile of its own. */
export async function launchDebians(name: "chromium" | "firefox"): Promise<Debians> {
  const shared = name === "chromium" ? process.env[sharedChromiumVariable] : undefined;
  if (shared !== undefined) return openContextIn(shared);
  return startDebians(name);
}

/** A context has cookies, storage and windows of its own. Firefox takes one client at a time, so that it is not shared. */
async function openContextIn(browserWSEndpoint: string): Promise<Debians> {
  const connected = await puppeteer.connect({ browserWSEndpoint });
  const browser = await connected.createBrowserContext();
  const close = async () => {
    await browser.close();
    await connected.disconnect();
  };
  return { browser, close };
}

export async function startDebians(
  name: "chromium" | "firefox",
): Promise<{ browser: PuppeteerBrowser; close(): Promise<void> }> {
  const userDataDir = mkdtempSync(join(tmpdir(), `linchpin-${name}-`));
  const browser = await puppeteer.launch({
    browser: name === "chromium" ? "chrome" : "firefox",
    executablePath: name === "chromium" ? "/usr/bin/chromium" : "/usr/bin/firefox-esr",
    args: name === "chromium" ? chromiumArguments : [],
    extraPrefsFirefox: firefoxPreferences,
    userDataDir,
    // The process that started it decides when it ends.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const close = async () => {
    await end(browser);
    rmSync(userDataDir, { recursive: true, force: true });
  };
  return { browser, close };
}

async function end(browser: PuppeteerBrowser): Promise<void> {
  if (browser.connected) return browser.close();
  const program = browser.process();
  if (program === null || program.exitCode !== null) return;
  const ended = once(program, "exit");
  program.kill();
  await ended;
}

/**
 * A tab that was closed is opened again, as making one takes longer than most tests do. Until then it shows what it
 * showed: to leave for an empty page and come back takes a new process each way.
 */
export async function launchPuppeteer(name: "chromium" | "firefox"): Promise<Browser> {
  const { browser, close } = await launchDebians(name);
  const closed: Page[] = [];
  return {
    name,
    async open(url) {
      const page = closed.pop() ?? (await browser.newPage());
      await page.goto(url);
      return {
        evaluate: (expression) => page.evaluate(expression),
        press: (key) => page.keyboard.press(key as KeyInput),
        click: (x, y, times = 1) => page.mouse.click(x, y, { count: times }),
        close: async () => {
          closed.push(page);
        },
      };
    },
    close,
  };
}
