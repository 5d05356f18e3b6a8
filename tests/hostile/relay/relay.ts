import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What passes on the wire: a request as the device sent it, or as the relay makes one up. */
export interface Sent {
  readonly method: string;
  /** The protocol's name, then the issuer's own path. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it came: bytes of JSON. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** What the relay does with a request of the device. `pass` sends to the issuer, with the partner's credentials. */
export type Conduct = (sent: Sent, pass: (sent: Sent) => Promise<Reply>) => Promise<Reply>;

export const passesOn: Conduct = (sent, pass) => pass(sent);

/**
 * A partner's backend that does what it likes. It knows the wire alone: it has the partner's credentials, reads bytes, and
 * keeps all that passes.
 */
export class HostileRelay {
  readonly url: string;
  conduct: Conduct = passesOn;
  /** All that the device sent, and what it was answered. */
  readonly seen: (Sent & { readonly reply: Reply })[] = [];
  readonly #server: Server;
  readonly #issuers: Issuers;

  private constructor(server: Server, issuers: Issuers) {
    this.#server = server;
    this.#issuers = issuers;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `sandbox`: the partner's part of `GET /sandbox`, its base addresses and credentials. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  static async start(sandbox: any): Promise<HostileRelay> {
    let relay: HostileRelay | undefined;
    const server = createServer((request, response) => void relay?.handle(request, response));
    await once(server.listen(0, "127.0.0.1"), "listening");
    relay = new HostileRelay(server, issuersOf(sandbox));
    return relay;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Sends to the issuer, whatever it was made of. */
  async pass({ method, path, headers, body }: Sent): Promise<Reply> {
    const [, protocol = "", rest = ""] = /^\/([\w-]+)(.*)$/.exec(path) ?? [];
    const { baseUrl, authorize, form } = this.#issuers[protocol] ?? { baseUrl: "", authorize: noCredentials };
    const answer = await fetch(baseUrl + rest, {
      method,
      headers: { "content-type": form ? formType : "application/json", ...headers, ...(await authorize()) },
      body: method === "GET" ? null : form ? form(JSON.parse(body)) : body,
    });
    return { status: answer.status, body: await answer.text(), type: answer.headers.get("content-type") ?? "" };
  }

  /** A request of the relay's own, as JSON. */
  async ask(method: string, path: string, members?: object, headers?: Record<string, string>) {
    const { status, body } = await this.pass({
      method,
      path,
      body: JSON.stringify(members),
      ...(headers && { headers }),
    });
    return { status, body: parsed(body) };
  }

  /** The last request of a path that the device sent. */
  last(path: string): Sent & { readonly reply: Reply } {
    const found = this.seen.findLast((sent) => sent.path.includes(path));
    if (found === undefined) throw new Error(`the device sent nothing to ${path}`);
    return found;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const named = ["x-client-public-key", "encrypted-signing-method", "sessionid"].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    });
    const sent = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: Object.fromEntries(named),
      body: await text(request),
    };
    const failed: Reply = { status: 502, body: "" };
    const reply = await this.conduct(sent, (altered) => this.pass(altered)).catch(() => failed);
    this.seen.push({ ...sent, reply });
    response.writeHead(reply.status, { "content-type": reply.type ?? "application/json" }).end(reply.body);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests read what the wire holds
export function parsed(body: string): any {
  try {
    return body === "" ? null : JSON.parse(body);
  } catch {
    return body;
  }
}

/** Alters the issuer's reply to requests of a path; text stays text. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what the wire holds
export function alteringReply(path: string, alter: (body: any) => unknown): Conduct {
  return async (sent, pass) => {
    const reply = await pass(sent);
    if (!sent.path.includes(path)) return reply;
    const altered = await alter(parsed(reply.body));
    return { ...reply, body: typeof altered === "string" ? altered : JSON.stringify(altered) };
  };
}

/** Answers by itself what the device sends to a path; the issuer gets nothing of it. */
export function answering(path: string, answer: (sent: Sent) => Reply | Promise<Reply>): Conduct {
  return async (sent, pass) => (sent.path.includes(path) ? answer(sent) : pass(sent));
}

interface Way {
  readonly baseUrl: string;
  readonly authorize: () => Promise<Record<string, string>>;
  /** Of a protocol that takes forms. */
  // biome-ignore lint/suspicious/noExplicitAny: what the device sent
  readonly form?: (members: any) => string;
}
type Issuers = Readonly<Record<string, Way>>;

const formType = "application/x-www-form-urlencoded";
const noCredentials = async () => ({});

// biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
function issuersOf({ solaris, adyen, plumery, venly, native, stripe, spritz, worldline, lithic }: any): Issuers {
  const pinForm: Way["form"] = ({ pin }) =>
    new URLSearchParams({ "pin[encrypted_number]": pin.encrypted_number }).toString();
  return {
    "issuer-keys": { baseUrl: new URL("/issuer-keys", solaris.baseUrl).href, authorize: noCredentials },
    solaris: { baseUrl: solaris.baseUrl, authorize: byToken(`${solaris.baseUrl}/oauth2/token`, solaris) },
    adyen: { baseUrl: adyen.baseUrl, authorize: async () => ({ "x-api-key": adyen.apiKey }) },
    plumery: { baseUrl: plumery.baseUrl, authorize: async () => ({ authorization: `Bearer ${plumery.bearerToken}` }) },
    stripe: {
      baseUrl: stripe.baseUrl,
      authorize: async () => ({ authorization: `Bearer ${stripe.apiKey}` }),
      form: pinForm,
    },
    lithic: { baseUrl: lithic.baseUrl, authorize: async () => ({ authorization: lithic.apiKey }) },
    spritz: { baseUrl: spritz.baseUrl, authorize: async () => ({ authorization: `Bearer ${spritz.apiKey}` }) },
    venly: { baseUrl: venly.baseUrl, authorize: byToken(venly.tokenUrl, venly) },
    worldline: {
      baseUrl: `${worldline.baseUrl}/card-issuing/api/v2/issuers/${worldline.issuerId}`,
      authorize: byToken(worldline.tokenUrl, worldline),
    },
    native: { baseUrl: native.baseUrl, authorize: byToken(native.tokenUrl, native) },
  };
}

function byToken(tokenUrl: string, { clientId, clientSecret }: Record<string, string>): Way["authorize"] {
  let token: Promise<string> | undefined;
  const fetchToken = async () => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId ?? "",
      client_secret: clientSecret ?? "",
    });
    return ((await (await fetch(tokenUrl, { method: "POST", body })).json()) as { access_token: string }).access_token;
  };
  return async () => {
    token ??= fetchToken();
    return { authorization: `Bearer ${await token}` };
  };
}
