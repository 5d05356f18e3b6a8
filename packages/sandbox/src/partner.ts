import { makeRelay, sandboxIssuers } from "@linchpin/example-relay";
import { type Context, makeId, takeOverReply } from "@linchpin/server/issuer";
import type { FastifyInstance } from "fastify";
import { relayedHeader, type SandboxEvents } from "./events/events.ts";
import type { RelayFault } from "./relay/relay-fault.ts";
import { relayFaults } from "./relay/relay-faults.ts";

/**
 * The partner of the page's phone: examples/relay, which shows what it sees. Its way to the issuers leads over HTTP, as
 * every partner's. `/relay/honest` relays; what the others do, `relayFaults` says.
 */
export async function partnerRoutes(
  app: FastifyInstance,
  { context, events, issuers }: { context: Context; events: SandboxEvents; issuers: () => object },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null)); // the relay reads it
  for (const [name, relayFault] of Object.entries(relayFaults)) {
    let relay: ReturnType<typeof makeRelay> | undefined;
    // A relay keeps access tokens, which a reset ends.
    context.onReset?.(() => {
      relay = undefined;
    });
    app.all(`/relay/${name}/*`, { schema: { hide: true } }, (request, reply) => {
      // The sandbox's one cardholder is always logged in. Made at the first call: where the issuer listens is known by then.
      relay ??= makeRelay(sandboxIssuers(issuers()), () => true, telling(relayFault(context), context, events));
      const response = takeOverReply(reply);
      request.raw.url = request.url.slice(request.url.indexOf(`/${name}/`) + name.length + 1);
      return relay(request.raw, response);
    });
  }
}

/** Emits what passes through the partner's backend, without the partner's own credentials. */
function telling(pass: ReturnType<RelayFault>, context: Context, events: SandboxEvents): typeof fetch {
  return async (to, init = {}) => {
    const id = makeId();
    const url = String(to);
    const path = url.replace(context.publicUrl(), "");
    const headers = Object.fromEntries(
      [...new Headers(init.headers)].map(([name, value]) => [name, isCredential(name) ? "••••" : value]),
    );
    const body = typeof init.body === "string" ? init.body : null;
    events.tell({ kind: "relayed", id, method: init.method ?? "GET", path, headers, body });
    try {
      const answer = await pass({
        url,
        init,
        send: sendAs(id),
        sendOwn: sendAs(makeId()),
        report: (attack) => events.tell({ kind: "attack", id, ...attack }),
      });
      events.tell({ kind: "returned", id, status: answer.status, body: await answer.clone().text() });
      return answer;
    } catch (error) {
      events.tell({ kind: "returned", id, status: null, body: "" });
      throw error;
    }
  };
}

/** What arrives at the issuer is shown as the message of this id; of an unknown one as the partner's own. */
const sendAs = (id: string) => (url: string, init: RequestInit) =>
  fetch(url, { ...init, headers: { ...(init.headers as object), [relayedHeader]: id } });

const isCredential = (header: string): boolean => header === "authorization" || header === "x-api-key";
