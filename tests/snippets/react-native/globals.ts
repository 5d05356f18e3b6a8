// What React Native puts around Hermes, as far as the guides use it: `fetch`, AbortController, timers, `console`. What
// is asked for is printed, and answered when the same code runs again with that answer in `input`.

export interface PhoneInput {
  readonly random: readonly number[];
  readonly answers: { status: number; text: string }[];
}

export interface PhoneRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

declare const input: PhoneInput;
declare function print(text: string): void;

const { answers } = input;
const printed: string[] = [];

function fetch(url: string, { method = "GET", headers = {}, body = null }: Partial<PhoneRequest> = {}) {
  const answer = answers.shift();
  if (answer === undefined) {
    print(JSON.stringify({ request: { url, method, headers, body } }));
    return new Promise(() => {});
  }
  const { status, text } = answer;
  return Promise.resolve({
    status,
    ok: status < 400,
    text: () => Promise.resolve(text),
    json: () => Promise.resolve(JSON.parse(text)),
  });
}

class AbortController {
  readonly signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };

  abort(): void {
    this.signal.aborted = true;
  }
}

/** How the code under test ended. */
export function end(error?: { code?: string; stack?: string }): void {
  print(JSON.stringify({ printed: printed.join("\n"), error: error && (error.code ?? String(error.stack)) }));
}

Object.assign(globalThis, {
  fetch,
  AbortController,
  setTimeout: () => 0,
  clearTimeout: () => {},
  console: { log: (...words: unknown[]) => void printed.push(words.join(" ")) },
});
