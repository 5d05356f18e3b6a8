import type { TSchema } from "typebox";
import { type ExampleValues, exampleOf } from "./example-of.ts";

/** A request that the issuer sends, as an entry of OpenAPI's `webhooks`. */
export interface DescribedWebhook {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  /** What the headers say, by their names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: the request has no body. */
  readonly body: TSchema | null;
  readonly examples: ExampleValues;
  /** What the receiver's answers mean, by status. */
  readonly answers: Readonly<Record<string, string>>;
}

export function describeWebhook({ tag, headers, body, examples, answers, ...named }: DescribedWebhook): object {
  const content = body && { "application/json": { schema: body, example: exampleOf(body, examples) } };
  const responses = Object.entries(answers).map(([status, description]) => [status, { description }]);
  return {
    post: {
      ...named,
      tags: [tag],
      security: [],
      parameters: Object.entries(headers).map(([name, description]) => ({
        ...{ name, in: "header", required: true, description },
        schema: { type: "string" },
      })),
      ...(content && { requestBody: { required: true, content } }),
      responses: Object.fromEntries(responses),
    },
  };
}
