import { once } from "node:events";
import { globSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { makeRelay, sandboxIssuers } from "@linchpin/example-relay";
import type { SolarisCardholder } from "@linchpin/testing/solaris";

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
};

/** A partner's site as docs/web.md has it: an app's built files, `/me`, and the relay below `/relay`. */
export async function startPartnerSite(
  folder: string,
  { sandbox }: SolarisCardholder,
): Promise<{ url: string; stop(): void }> {
  const paths = globSync("**/*", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  const files = new Map(paths.map((path) => [`/${path}`.replace(/^\/index\.html$/, "/"), join(folder, path)]));
  const relay = makeRelay(sandboxIssuers(sandbox), () => true);
  const me = JSON.stringify({ paymentInstrumentId: sandbox.adyen.paymentInstrumentId });
  const server = createServer((request, response) => {
    const { pathname } = new URL(`http://site${request.url}`);
    const file = files.get(pathname);
    if (pathname.startsWith("/relay/"))
      return relay(Object.assign(request, { url: request.url?.slice("/relay".length) }), response);
    if (pathname === "/me") return response.setHeader("content-type", "application/json").end(me);
    if (file === undefined) return response.writeHead(404).end();
    return response.setHeader("content-type", contentTypes[extname(file)] ?? "text/plain").end(readFileSync(file));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
