// A partner's site before the sandbox: your page, bundled, and the relay, on one origin, for a cardholder who is
// logged in. `node --conditions=linchpin-source examples/web/serve.ts page.html` serves it at http://127.0.0.1:8421.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { makeRelay, sandboxIssuers } from "../relay/relay.ts";

interface Site {
  /** An HTML file with one inline module. */
  readonly file: string;
  readonly port: number;
  /** Who may have the page in a frame, and what it may have in one: an origin, or `'none'`. */
  readonly framedBy?: string | undefined;
  readonly frames?: string | undefined;
  /** The cardholder, as `POST /sandbox/cards` made them. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  readonly cardholder: any;
}

export async function serveSite({ file, port, framedBy = "'none'", frames = "'none'", cardholder }: Site) {
  const own = {
    personId: cardholder.solaris.personId,
    cardId: cardholder.solaris.cardAccountId,
    paymentInstrumentId: cardholder.adyen.paymentInstrumentId,
    cardToken: cardholder.plumery.cardToken,
    stripeCardId: cardholder.stripe.cardId,
    lithicCardToken: cardholder.lithic.cardToken,
    spritzCardId: cardholder.spritz.cardId,
    cardReference: cardholder.worldline.cardReference,
    pan: cardholder.worldline.pan,
    keySet: { keyId: "01", publicKey: cardholder.worldline.keySets["01"] },
    nativeCardId: cardholder.native.cardId,
  };
  const { html, script } = await bundle(file);
  const files: Partial<Record<string, [contentType: string, text: string]>> = {
    "/": ["text/html", html],
    "/page.js": ["text/javascript", script],
    "/me": ["application/json", JSON.stringify(own)],
  };
  const security = {
    "content-security-policy": contentSecurityPolicy(framedBy, frames),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  const names: unknown[] = Object.values(own);
  const mayUse = (request: IncomingMessage, asked: unknown[]) =>
    request.headers["sec-fetch-site"] === "same-origin" && asked.every((name) => names.includes(name));
  const relay = makeRelay(sandboxIssuers(cardholder), mayUse);
  const server: Server = createServer((request, response) => {
    const { url = "" } = request;
    if (url.startsWith("/relay/")) return relay(Object.assign(request, { url: url.slice("/relay".length) }), response);
    const [contentType, text] = files[url] ?? ["text/plain", undefined];
    const headers = { ...security, "content-type": `${contentType}; charset=utf-8`, "cache-control": "no-store" };
    return response.writeHead(text === undefined ? 404 : 200, headers).end(text);
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Nothing but what this origin serves; no markup from strings. */
const contentSecurityPolicy = (framedBy: string, frames: string) =>
  [
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'",
    `frame-src ${frames}; frame-ancestors ${framedBy}; require-trusted-types-for 'script'; trusted-types 'none'`,
  ].join("; ");

/** The page with its inline module as a file of its own, as bundlers do it: the policy lets no inline script run. */
async function bundle(file: string): Promise<{ html: string; script: string }> {
  const page = await readFile(file, "utf8");
  const [inline = "", contents = ""] = /<script type="module">(.*?)<\/script>/s.exec(page) ?? [];
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: dirname(file), loader: "ts" },
    nodePaths: [join(import.meta.dirname, "../../node_modules")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["linchpin-source"],
  });
  const html = page.replace(inline, '<script type="module" src="/page.js"></script>');
  return { html, script: outputFiles[0]?.text ?? "" };
}

if (import.meta.main) {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    options: { port: { ...text, default: "8421" }, "framed-by": text, frames: text },
    allowPositionals: true,
  });
  const { port, frames, "framed-by": framedBy } = values;
  const issuer = process.env["LINCHPIN_URL"] ?? "http://127.0.0.1:8420";
  const cardholder = await (await fetch(`${issuer}/sandbox/cards`, { method: "POST" })).json();
  await serveSite({ file: positionals[0] ?? "page.html", port: Number(port), framedBy, frames, cardholder });
  const messages = `${issuer}/sandbox/messages?to=${encodeURIComponent(cardholder.solaris.mobileNumber)}`;
  process.stdout.write(`your page: http://127.0.0.1:${port}\nwhat reaches its cardholder by SMS: ${messages}\n`);
}
