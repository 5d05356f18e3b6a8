import type { LinchpinError } from "@linchpin/core";
import type { FastifyRequest } from "fastify";
import { pathOf } from "./events/protocol-of.ts";
import { explainSealedPin } from "./explain-sealed-pin.ts";
import { findShape } from "./mistakes/find-shape.ts";
import { explainBy } from "./mistakes/mistake.ts";
import { mistakes } from "./mistakes/mistake-table.ts";
import { sandboxProtocols } from "./protocol-table.ts";
import type { ExplainContext, RefusedRequest, StringMembers } from "./sandbox-protocol.ts";

/**
 * Why a request was refused, for whoever integrates. Runs after the refusal is decided and audited;
 * nothing it finds can change that. It tries what integrators get wrong: the rows of the table of mistakes.
 */
export async function explainRefusal(
  context: ExplainContext,
  error: LinchpinError,
  { url, headers, body, query, routeOptions }: FastifyRequest,
): Promise<string | undefined> {
  const request = { path: pathOf(url), headers, body, members: stringMembers(body) };
  const { body: schema, querystring } = routeOptions.schema ?? {};
  try {
    return (
      explainLineBreaks(error, schema, request) ??
      (error.code === "request_invalid" ? (explainShape(schema, body) ?? explainShape(querystring, query)) : null) ??
      (await explainSealedMessage(context, error, request)) ??
      error.reason
    );
  } catch {
    return error.reason; // what cannot be explained is refused all the same
  }
}

/** How what was sent differs from its schema, in a sentence that names the members; null: no row of the table shows. */
export function explainShape(schema: unknown, sent: unknown): string | null {
  return explainBy(mistakes.shape, findShape(schema, sent));
}

async function explainSealedMessage(
  context: ExplainContext,
  error: LinchpinError,
  request: RefusedRequest,
): Promise<string | null> {
  const { encrypted_pin, key_id } = request.members;
  if (encrypted_pin !== undefined && error.code === "decryption_failed")
    return explainSealedPin(context, encrypted_pin, key_id ?? null);
  if (key_id !== undefined && error.code === "key_unknown") return explainKeyId(context, key_id);
  for (const { explain } of sandboxProtocols) {
    const explanation = await explain?.(context, error, request);
    if (typeof explanation === "string") return explanation;
  }
  return null;
}

/** What is likely wrong with a request that was answered all the same, for a header of the answer; null: nothing is known. */
export async function hintAt(context: ExplainContext, { url, body }: FastifyRequest): Promise<string | null> {
  try {
    for (const { hint } of sandboxProtocols)
      if (hint?.path.test(url)) return await hint.explain(context, url, stringMembers(body));
  } catch {
    // What cannot be explained is answered all the same.
  }
  return null;
}

/** What a member that is not as documented, or that opens to nothing, is refused with. */
const encodingCodes: ReadonlySet<string> = new Set<LinchpinError["code"]>([
  "request_invalid",
  "encoding_invalid",
  "jwe_malformed",
  "decryption_failed",
  "public_key_unusable",
  "signature_invalid",
]);

/** Of documented members alone: what a caller made up as a name is not repeated. */
function explainLineBreaks({ code }: LinchpinError, schema: unknown, { members }: RefusedRequest): string | null {
  if (!encodingCodes.has(code)) return null;
  const { properties = {} } = (schema ?? {}) as { properties?: object };
  const isWrapped = ([name, text = ""]: [string, string | undefined]) =>
    name in properties && /[\r\n]/.test(text) && /^[A-Za-z0-9+/_=.\s-]+$/.test(text);
  const [name, text] = Object.entries(members).find(isWrapped) ?? [];
  if (name === undefined || text === undefined) return null;
  return explainBy(mistakes.encoding, { name, text, encoding: "base64", lengthBytes: null });
}

async function explainKeyId(context: ExplainContext, keyId: string): Promise<string> {
  const key = (await context.keyring.list()).find(({ id }) => id === keyId);
  return key === undefined
    ? "no key of this issuer has this id: fetch the latest one before each change"
    : "this is the id of a key for another purpose";
}

function stringMembers(body: unknown): StringMembers {
  const isJson = typeof body === "object" && body !== null && !(body instanceof Uint8Array);
  const entries = isJson ? Object.entries(body) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
