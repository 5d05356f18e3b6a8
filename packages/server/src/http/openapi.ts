import type { SwaggerOptions } from "@fastify/swagger";

/** The parts of `/openapi.json` that no schema gives: the protocols' tags and how callers authenticate. */
export const openapiOf = (protocols: readonly DescribedProtocol[]): SwaggerOptions => ({
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Linchpin",
      version: "0.1.0",
      description:
        "A cardholder's PIN on its way to the issuer and back, sealed. Below each protocol's path stands what its " +
        "vendor publishes, below /issuer/v1 what operators call. PINs and card data never stand here in clear, but " +
        "for the operator's own `PUT /issuer/v1/cards/{id}/data`.",
    },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
        basic: { type: "http", scheme: "basic", description: "client id and client secret, for an access token" },
      },
    },
    tags: [
      ...protocols.map(({ name, prefix }) => ({ name, description: `The protocol that stands below ${prefix}` })),
      { name: "issuer", description: "For operators, by their API keys as bearer tokens" },
      { name: "sandbox", description: "Only in a sandbox, for everyone" },
      { name: "health" },
    ],
  },
  transform: ({ schema, url }) => ({ schema: { ...describeArea(protocols, url), ...schema }, url }),
});

interface DescribedProtocol {
  readonly name: string;
  readonly prefix: string;
  readonly security?: "apiKey";
}

/** The tag and the security scheme of a route, by its path. */
function describeArea(
  protocols: readonly DescribedProtocol[],
  url: string,
): { tags: string[]; security?: Record<string, string[]>[] } {
  const protocol = protocols.find(({ prefix }) => url.startsWith(`${prefix}/`));
  if (protocol !== undefined) return { tags: [protocol.name], security: [{ [protocol.security ?? "bearer"]: [] }] };
  if (url.startsWith("/issuer/")) return { tags: ["issuer"], security: [{ bearer: [] }] };
  return { tags: [url.startsWith("/sandbox") ? "sandbox" : "health"] };
}
