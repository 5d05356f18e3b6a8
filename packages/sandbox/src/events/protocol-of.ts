import type { Protocol } from "@linchpin/server/issuer";

/** The name of the protocol that a URL's path belongs to, `issuer` for the issuer API; null: it is the sandbox's own, or nobody's. */
export type ProtocolOf = (url: string) => string | null;

export function protocolOfUrl(protocols: readonly Pick<Protocol, "name" | "prefix">[]): ProtocolOf {
  return (url) => {
    const path = pathOf(url);
    if (path.startsWith("/issuer/")) return "issuer";
    return protocols.find(({ prefix }) => path.startsWith(`${prefix}/`))?.name ?? null;
  };
}

/** The path of a URL as the router reads it: without the query, and without percent-encoding where it is not needed. */
export function pathOf(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  try {
    return decodeURI(path);
  } catch {
    return path; // which no route has
  }
}
