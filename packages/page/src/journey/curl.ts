import type { Exchange } from "./exchange.ts";

/** The partner's own message; null where another client sent it. Its credentials, which the page never sees, are variables. */
export function curlOf({ method, path, relayed }: Exchange, origin: string): string | null {
  if (relayed === undefined) return null;
  const headers = Object.entries(relayed.headers).map(([name, value]) => `-H ${headerOf(name, value)}`);
  const body = relayed.body === null ? [] : [`--data-raw ${quoted(relayed.body)}`];
  return [`curl -X ${method} ${quoted(origin + path)}`, ...headers, ...body].join(" \\\n  ");
}

function headerOf(name: string, value: string): string {
  if (name === "authorization") return `"authorization: Bearer $ACCESS_TOKEN"`;
  if (name === "x-api-key") return `"x-api-key: $API_KEY"`;
  return quoted(`${name}: ${value}`);
}

/** In a POSIX shell nothing is special between single quotes but the single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
