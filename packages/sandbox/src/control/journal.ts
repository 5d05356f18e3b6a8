import { type Context, knownCallerOf, refusalOf, requestScopeOf } from "@linchpin/server/issuer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import type { ProtocolOf } from "../events/protocol-of.ts";
import type { DueFault } from "./faults.ts";
import { object } from "./shapes.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * A request that reached a protocol or the issuer API. Every member is a name or a number of the issuer's own: nothing
 * that a caller sent is kept, so that no PIN, code, token or key can stand here.
 */
export type JournalEntry = Type.Static<typeof JournalEntry>;
export const JournalEntry = object({
  id: Type.String({ description: "as in the answer's x-request-id" }),
  receivedAt: Type.String({ description: "by the sandbox's clock: 2026-11-22T13:59:52.000Z" }),
  protocol: Type.String({ description: "a member of GET /sandbox, such as adyen, or issuer" }),
  method: Type.String(),
  route: nullable(
    Type.String({ description: "the path, its parameters by their names; null: there is no such route" }),
  ),
  status: nullable(Type.Integer({ description: "null: not answered, or not yet" })),
  refusal: nullable(Type.String({ description: "why it was refused: a code of Linchpin's; null: it was not" })),
  caller: nullable(Type.String({ description: "client id of the partner, or name of the operator, who was let in" })),
  cardId: nullable(
    Type.String({ description: "the card that was found for this caller, by its id in the issuer API" }),
  ),
  fault: nullable(
    object({
      status: nullable(Type.Union([Type.Integer(), Type.String()])),
      delayMs: Type.Integer(),
      loses: Type.Enum(["request", "answer"]),
    }),
  ),
});

/** Which requests of the journal. */
export type JournalFilter = Type.Static<typeof JournalFilter>;
export const JournalFilter = object({
  protocol: Type.Optional(Type.String()),
  cardId: Type.Optional(Type.String()),
});

const maxEntries = 10_000;

/** The requests that came since the start or the last reset, oldest first. The newest 10,000 are kept. */
export class Journal {
  readonly #clock: Context["clock"];
  readonly #entries = new Map<string, JournalEntry>();

  constructor(clock: Context["clock"]) {
    this.#clock = clock;
  }

  /** Must be called before the routes are registered. */
  watch(app: FastifyInstance, protocolOf: ProtocolOf): void {
    app.addHook("onRequest", async (request) => {
      const protocol = protocolOf(request.originalUrl);
      if (protocol === null) return;
      const { id, method, routeOptions } = request;
      const receivedAt = this.#clock().toISOString();
      const unknown = { status: null, refusal: null, caller: null, cardId: null, fault: null };
      this.#entries.set(id, { id, receivedAt, protocol, method, route: routeOptions.url ?? null, ...unknown });
      const [oldest] = this.#entries.keys();
      if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
    });
    // Before the answer is sent, so that whoever has the answer finds it here.
    app.addHook("onSend", async (request, reply, payload) => {
      const caller = knownCallerOf(request);
      this.#complete(request.id, {
        status: reply.statusCode,
        refusal: refusalOf(request) ?? null,
        caller: (caller?.kind === "partner" ? caller.clientId : caller?.name) ?? null,
        cardId: requestScopeOf(request).cardId,
      });
      return payload;
    });
  }

  noteFault({ id }: FastifyRequest, { status, delayMs = 0, loses = "request" }: DueFault): void {
    this.#complete(id, { fault: { status: status ?? null, delayMs, loses } });
  }

  #complete(id: string, members: Partial<JournalEntry>): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#entries.set(id, { ...entry, ...members });
  }

  list({ protocol, cardId }: JournalFilter = {}): JournalEntry[] {
    return [...this.#entries.values()].filter(
      (entry) =>
        (protocol === undefined || entry.protocol === protocol) && (cardId === undefined || entry.cardId === cardId),
    );
  }

  clear(): void {
    this.#entries.clear();
  }
}
