// React Native's `fetch` is whatwg-fetch over its own XMLHttpRequest: so it is here, with an XMLHttpRequest that hands
// each request to the program around Hermes. Among what it does as on a phone: `cache: "no-store"` adds `_=<ms>` to the
// query of a GET, `redirect` has no effect, and a response has no stream.
import "whatwg-fetch";

export interface PhoneRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

export interface PhoneAnswer {
  readonly status: number;
  readonly text: string;
  /** JSON if absent. */
  readonly type?: string | undefined;
}

/** @param answers taken one by one; the request that finds none is handed to `ask`, and its answer never comes */
export function answerRequests(answers: PhoneAnswer[], ask: (request: PhoneRequest) => void): void {
  class XMLHttpRequest {
    onload?: () => void;
    status = 0;
    responseText = "";
    #type = "application/json";
    #method = "";
    #url = "";
    readonly #headers: Record<string, string> = {};

    open(method: string, url: string): void {
      this.#method = method;
      this.#url = url;
    }

    setRequestHeader(name: string, value: string): void {
      this.#headers[name] = value;
    }

    getAllResponseHeaders(): string {
      return `content-type: ${this.#type}\r\n`;
    }

    send(body: string | null): void {
      const answer = answers.shift();
      if (answer === undefined) ask({ url: this.#url, method: this.#method, headers: this.#headers, body });
      else this.#load(answer);
    }

    #load({ status, text, type = this.#type }: PhoneAnswer): void {
      this.#type = type;
      this.status = status;
      this.responseText = text;
      Promise.resolve().then(() => this.onload?.());
    }

    abort(): void {}
  }
  Object.assign(globalThis, { XMLHttpRequest });
}

class AbortController {
  readonly signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };

  abort(): void {
    this.signal.aborted = true;
  }
}

// What waits for no time runs in its turn; what waits for some never runs, as each run of the program is over at once.
const setTimeout = (run: () => void, delayMs = 0) => (delayMs === 0 ? void Promise.resolve().then(run) : 0);

Object.assign(globalThis, { AbortController, setTimeout, clearTimeout: () => {} });
