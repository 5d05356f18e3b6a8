import type { SwaggerOptions } from "@fastify/swagger";
import type { TSchema } from "typebox";

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
        basic: { type: "http", scheme: "basic", description: "client id and client secret" },
      },
    },
    tags: [
      ...protocols.map(({ name, prefix }) => ({ name, description: `The protocol that stands below ${prefix}` })),
      { name: "issuer-keys", description: "The signed list of the issuer's keys, for everyone" },
      { name: "issuer", description: "For operators, by their API keys as bearer tokens" },
      { name: "sandbox", description: "Only in a sandbox, for everyone" },
      { name: "health" },
    ],
  },
  transform: ({ schema, url }) => ({
    schema: { ...describeArea(protocols, url), ...schema, ...describeErrors(protocols, url, schema?.response) },
    url,
  }),
});

/** How callers may authenticate, by the names below. */
export type SecurityScheme = "bearer" | "apiKey" | "basic";

interface DescribedProtocol {
  readonly name: string;
  readonly prefix: string;
  readonly security?: readonly SecurityScheme[];
  readonly errorReply: TSchema;
}

/** Every route of a protocol answers errors in one shape, unless its own schema says another. */
function describeErrors(
  protocols: readonly DescribedProtocol[],
  url: string,
  response: unknown,
): { response?: object } {
  const protocol = protocols.find(({ prefix }) => url.startsWith(`${prefix}/`));
  return protocol === undefined ? {} : { response: { default: protocol.errorReply, ...Object(response) } };
}

/** The tag and the security scheme of a route, by its path. */
function describeArea(
  protocols: readonly DescribedProtocol[],
  url: string,
): { tags: string[]; security?: Record<string, string[]>[] } {
  const protocol = protocols.find(({ prefix }) => url.startsWith(`${prefix}/`));
  if (protocol !== undefined) {
    const { name, security = ["bearer"] } = protocol;
    return { tags: [name], security: security.map((scheme) => ({ [scheme]: [] })) };
  }
  if (url.startsWith("/issuer/")) return { tags: ["issuer"], security: [{ bearer: [] }] };
  const area = ["sandbox", "issuer-keys"].find((name) => url.startsWith(`/${name}`));
  return { tags: [area ?? "health"] };
}
