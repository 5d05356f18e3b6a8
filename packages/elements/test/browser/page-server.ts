import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** As strict as a policy gets: no inline style or script, no `eval`, no markup from strings. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

const contentSecurityPolicies: Readonly<Record<string, string>> = {
  framing: `${contentSecurityPolicy}; frame-src *`,
  react: contentSecurityPolicy.replace(/; require-.*/, ""), // the page itself parses what a server rendered
};

export interface PageServer {
  readonly origin: string;
  /** The PINs that the caller's `change` was given, as text: this end is the test's. */
  readonly received: string[];
  close(): void;
}

/** Serves the page of the browser tests with the elements as a bundle has them. */
export async function startPageServer(): Promise<PageServer> {
  const received: string[] = [];
  const scripts = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(String(request.url), "http://localhost");
    if (pathname === "/received") return receive(request, response, received);
    if (pathname === "/pin") return response.end(search.slice(1));
    const [, name = "", type = ""] = /^\/(\w*)\.?(\w*)$/.exec(pathname) ?? [];
    response.setHeader("content-type", `${contentTypes[type]}; charset=utf-8`);
    if (type === "js") return response.end(remembered(scripts, name));
    if (type === "css") return response.end(css);
    response.setHeader("content-security-policy", contentSecurityPolicies[name] ?? contentSecurityPolicy);
    response.end(html(name || "page", new URLSearchParams(search).get("roots") ?? "closed"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { origin: `http://127.0.0.1:${port(server)}`, received, close: () => close(server) };
}

async function receive(request: IncomingMessage, response: ServerResponse, received: string[]): Promise<void> {
  let text = "";
  for await (const chunk of request) text += chunk;
  received.push(text);
  response.end();
}

const contentTypes: Readonly<Record<string, string>> = { "": "text/html", js: "text/javascript", css: "text/css" };

/** A script is made when it is asked for, once. */
function remembered(scripts: Map<string, string>, name: string): string {
  const script = scripts.get(name) ?? preludes[name]?.() ?? bundle(name);
  scripts.set(name, script);
  return script;
}

/** A page of `page/`, bundled as a shop would, with the sources of this repository. */
function bundle(name: string): string {
  const [entry = ""] = globSync(join(import.meta.dirname, `page/${name}.{ts,tsx}`));
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    conditions: ["linchpin-source"],
  });
  return String(outputFiles[0]?.text);
}

function port(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

const html = (page: string, roots: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Elements</title>
    <link rel="stylesheet" href="/page.css">
    <script src="/${roots}.js"></script>
    <script type="module" src="/${page}.js"></script>
  </head>
  <body><main><h1>A page of the bank</h1></main></body>
</html>`;

const css = `
html { color-scheme: light; font-family: sans-serif; background: light-dark(#e8edf3, #0b0f14); color: light-dark(#14202e, #eef2f7); }
html.dark { color-scheme: dark; }
body { margin: 0; }
main { display: grid; grid-template-columns: minmax(0, 1fr); justify-items: center; min-block-size: 100dvh; align-content: center; }
h1 { position: absolute; clip-path: inset(50%); }
main > * { inline-size: 22rem; max-inline-size: 100%; }
`;

// What a hostile script that runs first can do, and what the tests and axe-core need.
const openShadowRoots = `
const { attachShadow } = Element.prototype;
Element.prototype.attachShadow = function () { return attachShadow.call(this, { mode: "open" }); };
`;

/** What runs before a page's own script. */
const preludes: Readonly<Record<string, () => string>> = {
  closed: () => "",
  open: () => openShadowRoots,
  axe: () => openShadowRoots + readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8"),
};
