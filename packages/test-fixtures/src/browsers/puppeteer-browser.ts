import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type KeyInput, type Page, type Browser as PuppeteerBrowser } from "puppeteer-core";
import type { Browser } from "./browser.ts";

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
];

const firefoxPreferences = {
  "browser.newtab.preload": false,
  "browser.sessionstore.interval": 3_600_000,
  "dom.ipc.processPrelaunch.enabled": false,
  "layout.frame_rate": 20,
  "ui.prefersReducedMotion": 1,
};

/** Debian's Chromium or Firefox, headless, with a profile of its own. */
export async function launchDebians(
  name: "chromium" | "firefox",
): Promise<{ browser: PuppeteerBrowser; close: () => Promise<void> }> {
  const userDataDir = mkdtempSync(join(tmpdir(), `linchpin-${name}-`));
  const browser = await puppeteer.launch({
    browser: name === "chromium" ? "chrome" : "firefox",
    executablePath: name === "chromium" ? "/usr/bin/chromium" : "/usr/bin/firefox-esr",
    args: name === "chromium" ? chromiumArguments : [],
    extraPrefsFirefox: firefoxPreferences,
    userDataDir,
  });
  const close = async () => {
    await browser.close();
    rmSync(userDataDir, { recursive: true, force: true });
  };
  return { browser, close };
}

/** A tab that was closed is opened again, as making one takes longer than most tests do. */
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
          await page.goto("about:blank");
          closed.push(page);
        },
      };
    },
    close,
  };
}
