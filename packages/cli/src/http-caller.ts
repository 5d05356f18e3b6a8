import { pemMediaType } from "@linchpin/core";
import { manifestMediaType } from "@linchpin/protocols/issuer-keys/wire";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

export interface Answer {
  readonly status: number;
  /** JSON; null where the answer has no body; the text of a JWS or a PEM file. */
  readonly body: unknown;
}

const timeoutMs = 30_000;

/** One party's way to the issuer: its base URL, and what it identifies itself by. */
export class HttpCaller {
  readonly baseUrl: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(baseUrl: string, headers: Readonly<Record<string, string>> = {}) {
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    this.#headers = headers;
  }

  /**
   * The answer, whatever it is. `body` goes as JSON, which bytes are already, or as a form where it is one.
   * @throws Failure when nobody answers
   */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const isForm = body instanceof URLSearchParams;
    const contentType = isForm ? "application/x-www-form-urlencoded" : "application/json";
    const response = await this.#fetch(path, {
      method,
      headers: { ...this.#headers, ...headers, ...(body === undefined ? {} : { "content-type": contentType }) },
      body: body === undefined ? null : isForm ? body.toString() : bytesOrJson(body),
    });
    return { status: response.status, body: await bodyOf(response) };
  }

  /** The body of a success, which the documented route answers as a `T`. @throws Failure in the issuer's own words */
  async ask<T>(method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<T> {
    const answer = await this.send(method, path, body, headers);
    if (answer.status >= 300) throw refusal(answer);
    return answer.body as T;
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(this.baseUrl + path, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw new Failure(exitCodes.unreachable, whyUnreachable(new URL(this.baseUrl).origin, error));
    }
  }
}

function whyUnreachable(origin: string, error: unknown): string {
  const code = String((error as { cause?: { code?: unknown } }).cause?.code);
  if (/CERT|UNABLE_TO_VERIFY/.test(code))
    return `the certificate of ${origin} does not hold here (${code}): where its authority is your own, name that one's file in NODE_EXTRA_CA_CERTS`;
  return `no issuer answers at ${origin}: start one with \`npm start\`, or name another with --url`;
}

function bytesOrJson(body: object): Uint8Array<ArrayBuffer> | string {
  return body instanceof Uint8Array ? Uint8Array.from(body) : JSON.stringify(body);
}

/** A refusal as its protocol says it. */
export function refusal({ status, body }: Answer): Failure {
  const { code, sentence } = wordsOf(body);
  const words = [code, sentence].filter((word) => word !== "");
  const exitCode =
    status >= 500 ? exitCodes.unreachable : isAboutCaller(status) ? exitCodes.notAllowed : exitCodes.refused;
  return new Failure(exitCode, `the issuer refused: ${status} ${words.join(": ")}`, code || null);
}

interface Words {
  readonly code: string;
  readonly sentence: string;
}

/**
 * Of an error of Solaris, `errors: [{code, detail}]`; Adyen, `{errorCode, title, detail}`; Venly, `errors: [{code,
 * message}]`; Plumery, `{code, message}`; Stripe, `error: {code, message}`; Lithic, `{message}`; Worldline,
 * `responseMetadata: {statusMessage}`; the issuer API, RFC 9457; a token endpoint, RFC 6749 §5.2. Empty where there are
 * none.
 */
export function wordsOf(body: unknown): Words {
  const whole = (body ?? {}) as { errors?: readonly Partial<Record<string, string>>[] };
  const { error: inner, responseMetadata } = Object(whole);
  const [first] = whole.errors ?? (typeof inner === "object" && inner !== null ? [inner] : []);
  const words: Partial<Record<string, string>> = first ?? (whole as object);
  const title = first === undefined ? words["title"] : undefined;
  return {
    code: words["code"] ?? words["errorCode"] ?? words["error"] ?? "",
    sentence: [
      title,
      words["detail"] ?? words["message"] ?? words["error_description"] ?? Object(responseMetadata).statusMessage,
    ]
      .filter((word) => word !== undefined)
      .join(": "),
  };
}

const isAboutCaller = (status: number) => status === 401 || status === 403;

const textMediaTypes = [manifestMediaType, pemMediaType];

/** What refuses may be a proxy, which speaks no JSON. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  const mediaType = response.headers.get("content-type") ?? "";
  if (response.ok && textMediaTypes.some((known) => mediaType.startsWith(known))) return text;
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    if (response.status >= 400) return null;
    throw new Failure(exitCodes.unreachable, `${new URL(response.url).origin} is no issuer: name another with --url`);
  }
}
