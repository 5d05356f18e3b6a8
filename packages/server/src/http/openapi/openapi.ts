import type { SwaggerOptions } from "@fastify/swagger";
import type { TSchema } from "typebox";
import { requestIdHeader } from "../scope-requests.ts";
import { type DescribedWebhook, describeWebhook } from "./describe-webhook.ts";
import { type ExampleValues, exampleOf } from "./example-of.ts";

/** How callers may authenticate, by the names of security schemes. */
export type SecurityScheme = "bearer" | "apiKey" | "authorization" | "basic";

/** What the document says of a protocol besides the schemas of its routes. */
export interface ProtocolOpenapi {
  /** Values of members of its messages, for examples. */
  readonly examples: ExampleValues;
  /** Of its errors; `application/json` unless said. */
  readonly errorMediaType?: string;
  /** What headers say that any of its answers may have, by their names. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly webhooks?: Readonly<Record<string, DescribedWebhook>>;
}

interface DescribedProtocol {
  readonly name: string;
  readonly prefix: string;
  readonly security?: readonly SecurityScheme[];
  readonly errorReply: TSchema;
  readonly openapi: ProtocolOpenapi;
}

interface DescribedApi {
  readonly protocols: readonly DescribedProtocol[];
  /** What the issuer sends to the operator's receivers. */
  readonly webhooks: Readonly<Record<string, DescribedWebhook>>;
  /** For routes that belong to no protocol. */
  readonly examples: ExampleValues;
}

/** All of `/openapi.json` that no schema of a route gives: tags, security, errors, headers, examples and webhooks. */
export function openapiOf({ protocols, webhooks, examples }: DescribedApi): SwaggerOptions {
  const all = Object.assign({}, webhooks, ...protocols.map(({ openapi }) => openapi.webhooks ?? {}));
  return {
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
          authorization: {
            type: "apiKey",
            in: "header",
            name: "Authorization",
            description: "the key alone, without a scheme",
          },
          basic: { type: "http", scheme: "basic", description: "client id and client secret" },
        },
      },
      tags: [
        ...protocols.map(({ name, prefix }) => ({ name, description: `The protocol that stands below ${prefix}` })),
        { name: "issuer-keys", description: "The signed list of the issuer's keys, for everyone" },
        { name: "issuer", description: "For operators, by their API keys as bearer tokens" },
        { name: "sandbox", description: "Only in a sandbox, for everyone" },
        { name: "health", description: "For probes, for everyone" },
      ],
      webhooks: Object.fromEntries(
        Object.entries<DescribedWebhook>(all).map(([name, webhook]) => [name, describeWebhook(webhook)]),
      ),
    },
    transform: ({ schema, url }) => ({
      schema: { ...describeArea(protocols, url), ...schema, ...describeErrors(protocols, url, schema?.response) },
      url,
    }),
    transformObject: (document) => {
      const { paths = {} } = "openapiObject" in document ? document.openapiObject : {};
      for (const [url, item] of Object.entries(paths as Record<string, Record<string, Operation>>)) {
        const { openapi } = protocolAt(protocols, url) ?? {};
        for (const operation of Object.values(item)) {
          describeHeaders(operation, openapi?.answerHeaders ?? {});
          addExamples(operation, openapi?.examples ?? examples);
        }
      }
      return "openapiObject" in document ? document.openapiObject : document.swaggerObject;
    },
  };
}

/** The members of an operation that are completed, once the routes' schemas are in it. */
interface Operation {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { headers?: object; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { schema?: object; example?: unknown }>>;

function protocolAt(protocols: readonly DescribedProtocol[], url: string): DescribedProtocol | undefined {
  return protocols.find(({ prefix }) => url.startsWith(`${prefix}/`));
}

/** Every route of a protocol answers errors in one shape, unless its own schema says another. */
function describeErrors(
  protocols: readonly DescribedProtocol[],
  url: string,
  response: unknown,
): { response?: object } {
  const protocol = protocolAt(protocols, url);
  if (protocol === undefined) return {};
  const { errorReply: schema, openapi } = protocol;
  const content = { [openapi.errorMediaType ?? "application/json"]: { schema } };
  return { response: { default: { description: "Refused, or failed", content }, ...Object(response) } };
}

/** The tag and the security scheme of a route, by its path. */
function describeArea(
  protocols: readonly DescribedProtocol[],
  url: string,
): { tags: string[]; security?: Record<string, string[]>[] } {
  const protocol = protocolAt(protocols, url);
  if (protocol !== undefined) {
    const { name, security = ["bearer"] } = protocol;
    return { tags: [name], security: security.map((scheme) => ({ [scheme]: [] })) };
  }
  if (url.startsWith("/issuer/")) return { tags: ["issuer"], security: [{ bearer: [] }] };
  const area = ["sandbox", "issuer-keys"].find((name) => url.startsWith(`/${name}`));
  return { tags: [area ?? "health"] };
}

const everyAnswersHeaders = { [requestIdHeader]: "names this request in the issuer's log and audit events" };
const refusalsHeaders = {
  "retry-after": "seconds, with 429 and 503",
  "www-authenticate": "with 401, where a token was asked for by HTTP Basic",
};

/** Where requests are limited, their answers say how many are left. Limits differ by caller and route. */
const limitsHeaders = {
  "x-ratelimit-limit": "how many requests this minute may have; absent where requests are not limited",
  "x-ratelimit-remaining": "how many of them are left",
  "x-ratelimit-reset": "seconds until the next minute begins",
};

function describeHeaders({ responses }: Operation, protocols: Readonly<Record<string, string>>): void {
  for (const [status, answer] of Object.entries(responses)) {
    const refusals = status === "default" || Number(status) >= 400 ? refusalsHeaders : {};
    const texts = { ...everyAnswersHeaders, ...limitsHeaders, ...protocols, ...refusals };
    const described = Object.entries(texts).map(([name, description]) => [
      name,
      { description, schema: { type: "string" } },
    ]);
    answer.headers = { ...Object.fromEntries(described), ...answer.headers };
  }
}

function addExamples({ requestBody, responses }: Operation, values: ExampleValues): void {
  const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  for (const content of contents)
    for (const media of Object.values(content ?? {})) media.example ??= exampleOf(media.schema ?? {}, values);
}
