import { type ChildProcess, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { createServer } from "node:net";
import type { Browser, Page } from "./browser.ts";

/** Debian's WebKitGTK, on a screen that nobody sees, spoken to in W3C WebDriver. One window: `open` takes it over. */
export async function launchWebKit(): Promise<Browser> {
  const port = await freePort();
  const driver = spawn("xvfb-run", ["--auto-servernum", "WebKitWebDriver", `--port=${port}`], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, WEBKIT_DISABLE_COMPOSITING_MODE: "1" },
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(origin);
  const [binary] = globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser");
  const options = { binary, args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
  const { sessionId } = (await command(origin, "POST", "/session", { capabilities })) as { sessionId: string };
  const session = (method: string, path: string, body?: object) =>
    command(origin, method, `/session/${sessionId}${path}`, body);
  return {
    name: "webkitgtk",
    async open(url) {
      await session("POST", "/url", { url });
      return pageOf(session);
    },
    async close() {
      await session("DELETE", "");
      end(driver);
    },
  };
}

function pageOf(session: (method: string, path: string, body?: object) => Promise<unknown>): Page {
  const perform = (id: string, type: string, actions: object[]) =>
    session("POST", "/actions", { actions: [{ id, type, actions }] });
  return {
    async evaluate(expression) {
      const script = `const done = arguments[0]; Promise.resolve(${expression}).then(done, (error) => done(String(error)))`;
      return await session("POST", "/execute/async", { script, args: [] });
    },
    async press(key) {
      const value = keys[key] ?? key;
      await perform("keyboard", "key", [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
    },
    async click(x, y, times = 1) {
      const press = [
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ];
      const moves = [{ type: "pointerMove", x: Math.round(x), y: Math.round(y), origin: "viewport" }];
      await perform("mouse", "pointer", [...moves, ...press, ...(times === 2 ? press : [])]);
    },
    close: async () => {},
  };
}

/** WebDriver §17.4.2 */
const keys: Readonly<Record<string, string>> = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
};

async function command(origin: string, method: string, path: string, body?: object): Promise<unknown> {
  const content = method === "POST" ? { body: JSON.stringify(body ?? {}) } : {};
  const response = await fetch(origin + path, { method, headers: { "content-type": "application/json" }, ...content });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`);
  return value;
}

async function untilReady(origin: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const response = await fetch(`${origin}/status`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("WebKitWebDriver does not answer");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** xvfb-run, the driver, and the screen, which are one process group. */
function end(driver: ChildProcess): void {
  if (driver.pid !== undefined) process.kill(-driver.pid, "SIGTERM");
}
