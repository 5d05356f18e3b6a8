import { LinchpinError, pemMediaType } from "@linchpin/core";
import { manifestMediaType } from "@linchpin/protocols/issuer-keys/wire";

/**
 * The way to the partner's backend, which holds the issuer's credentials and forwards. Bring your own, or take
 * `fetchRelay`.
 */
export interface Relay {
  /**
   * What the issuer answered, refusals too. Rejects where no answer came: nobody then knows whether the message arrived.
   */
  send(message: RelayMessage): Promise<RelayAnswer>;
}

export interface RelayMessage {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  /** The protocol's name, then the issuer's own path: `/solaris/v1/cards/pin_keys/latest`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, to be passed on to the byte: a signature may stand over it. */
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Whether this very message may be sent again when no answer came: it reads, or the issuer takes only one of it. */
  readonly mayRepeat: boolean;
}

export interface RelayAnswer {
  readonly status: number;
  /** Parsed JSON; undefined where there is none. Of `GET /issuer-keys` and of a key in PEM the text. */
  readonly body: unknown;
  /** Whether the message had been sent before, without an answer. */
  readonly wasRepeated?: boolean;
}

/**
 * A relay behind `baseUrl`, that speaks the routes of examples/relay. `headers` are the partner's own: a session, a
 * CSRF token. Cookies go to the page's own origin alone. What may be repeated is, where no answer came or a 5xx, after
 * each of `pausesMs`.
 * `send` throws LinchpinError `timed_out` after `timeoutMs` a try, `aborted` by the signal, `answer_malformed` for a
 * success that is no JSON and for an answer of more than 65,536 characters, `unreachable` for all else.
 */
export function fetchRelay({
  baseUrl,
  headers,
  timeoutMs = 15_000,
  pausesMs = [300, 1000],
}: {
  baseUrl: string;
  headers?: Readonly<Record<string, string>>;
  timeoutMs?: number;
  pausesMs?: readonly number[];
}): Relay {
  return {
    async send(message) {
      for (let tries = 0; ; tries++) {
        const pauseMs = message.mayRepeat ? pausesMs[tries] : undefined;
        try {
          const answer = await sendOnce({ baseUrl, headers, timeoutMs }, message);
          if (answer.status < 500 || pauseMs === undefined) return { ...answer, wasRepeated: tries > 0 };
        } catch (error) {
          if (pauseMs === undefined || message.signal?.aborted) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    },
  };
}

async function sendOnce(
  to: { baseUrl: string; headers: Readonly<Record<string, string>> | undefined; timeoutMs: number },
  { method, path, headers, body, signal }: RelayMessage,
): Promise<RelayAnswer> {
  const ending = new AbortController(); // not every platform has AbortSignal.any
  const abort = () => ending.abort();
  const timer = setTimeout(abort, to.timeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    if (signal?.aborted) abort();
    const response = await fetch(to.baseUrl.replace(/\/$/, "") + path, {
      method,
      headers: { "content-type": "application/json", ...to.headers, ...headers },
      body: body ?? null,
      signal: ending.signal,
      cache: "no-store",
      redirect: "error",
    });
    const text = await readText(response);
    const mediaType = response.headers.get("content-type") ?? "";
    const isText = mediaType.startsWith(manifestMediaType) || mediaType.startsWith(pemMediaType);
    return { status: response.status, body: isText ? text : parse(text, response.ok) };
  } catch (error) {
    if (error instanceof LinchpinError) throw error;
    throw new LinchpinError(signal?.aborted ? "aborted" : ending.signal.aborted ? "timed_out" : "unreachable");
  } finally {
    abort(); // what has not been read of an answer is not waited for
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Characters; the issuer's longest answer has some 10,000. */
const maxAnswerLength = 65_536;

/** A relay that sends without end is cut off; React Native has no streams, and hands over the whole text. */
async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader?.();
  if (reader === undefined) return checkLength(await response.text());
  // biome-ignore lint/style/noRestrictedGlobals: where there are streams, there is a decoder
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text = checkLength(text + decoder.decode(value, { stream: !done }));
    if (done) return text;
  }
}

/** @throws LinchpinError `answer_malformed` */
function checkLength(text: string): string {
  if (text.length > maxAnswerLength) throw new LinchpinError("answer_malformed");
  return text;
}

/** What refuses may be a proxy, which speaks no JSON. A SyntaxError would quote the text. */
function parse(text: string, isSuccess: boolean): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    if (isSuccess) throw new LinchpinError("answer_malformed");
    return undefined;
  }
}
