import { LinchpinError } from "@linchpin/core";
import { forbidCaching, orProblem } from "@linchpin/server/issuer";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { Fault } from "./faults.ts";
import { JournalEntry } from "./journal.ts";
import { CardState } from "./make-card.ts";
import { durationPattern } from "./sandbox-clock.ts";
import type { SandboxControl } from "./sandbox-control.ts";
import { Description, object } from "./shapes.ts";

const text = Type.String();
const Now = object({ now: Type.String({ description: "2026-11-22T13:59:52.000Z" }) });
const Advance = object({ advance: Type.String({ pattern: durationPattern, description: "90s, 6m, 2h, 30d" }) });
const NoBody = Type.Union([Type.Null(), object({})]);
const NoContent = Type.Null();
const Messages = Type.Array(object({ to: text, channel: text, text, sentAt: text }));
/** `_` is what React Native's `fetch` adds. A misspelt filter is refused, as it would list everything. */
const MessagesQuery = object({ to: Type.Optional(text), _: Type.Optional(text) });
const RequestsQuery = object({ protocol: Type.Optional(text), cardId: Type.Optional(text), _: Type.Optional(text) });
const Events = Type.Array(Type.Object({ id: text, type: text, occurredAt: text }, { additionalProperties: true }));

/** Below `/sandbox`: what a test in another language asks of the sandbox. */
export async function controlRoutes(app: FastifyInstance, { control }: { control: SandboxControl }): Promise<void> {
  forbidCaching(app);
  refuseOtherOrigins(app);
  app.addHook("onRequest", async ({ routeOptions: { url } }) => {
    if (/\/(clock|faults|requests|reset)$/.test(url ?? "")) control.requireOneProcess();
  });

  app.post<{ Body: CardState | null }>(
    "/cards",
    {
      schema: {
        operationId: "sandboxMakeCard",
        summary: "Make a fresh person with a fresh card, in a state",
        body: Type.Union([CardState, Type.Null()]),
        response: { 201: Description, ...orProblem },
      },
    },
    async (request, reply) => reply.code(201).send(await control.makeCard(request.body ?? {})),
  );

  app.get<{ Querystring: Type.Static<typeof MessagesQuery> }>(
    "/messages",
    {
      schema: {
        operationId: "sandboxListMessages",
        summary: "The messages to a mobile number, newest last",
        querystring: MessagesQuery,
        response: { 200: Messages, ...orProblem },
      },
    },
    (request) => control.messages(request.query.to ?? null),
  );

  app.get(
    "/outbox-events",
    {
      schema: {
        operationId: "sandboxListEvents",
        summary: "The events for the operator's systems, newest last",
        response: { 200: Events, ...orProblem },
      },
    },
    () => control.events(),
  );

  app.get(
    "/clock",
    { schema: { operationId: "sandboxGetClock", summary: "The issuer's time", response: { 200: Now, ...orProblem } } },
    () => ({
      now: control.clock.now().toISOString(),
    }),
  );

  app.post<{ Body: Type.Static<typeof Advance> }>(
    "/clock",
    {
      schema: {
        operationId: "sandboxAdvanceClock",
        summary: "Advance the issuer's clock, and do what is due by then",
        body: Advance,
        response: { 200: Now, ...orProblem },
      },
    },
    async (request) => ({ now: (await control.advance(request.body.advance)).toISOString() }),
  );

  app.get(
    "/faults",
    {
      schema: {
        operationId: "sandboxListFaults",
        summary: "The faults that wait for requests",
        response: { 200: Type.Array(Fault), ...orProblem },
      },
    },
    () => control.faults.list(),
  );

  app.post<{ Body: Fault }>(
    "/faults",
    {
      schema: {
        operationId: "sandboxAddFault",
        summary: "Let the next requests of a protocol fail",
        body: Fault,
        response: { 201: Fault, ...orProblem },
      },
    },
    async (request, reply) => {
      control.addFault(request.body);
      return reply.code(201).send(request.body);
    },
  );

  app.delete(
    "/faults",
    {
      schema: {
        operationId: "sandboxClearFaults",
        summary: "Forget the faults that wait",
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (_request, reply) => {
      control.faults.clear();
      return reply.code(204).send();
    },
  );

  app.get<{ Querystring: Type.Static<typeof RequestsQuery> }>(
    "/requests",
    {
      schema: {
        operationId: "sandboxListRequests",
        summary: "The requests that reached the protocols and the issuer API, oldest first",
        querystring: RequestsQuery,
        response: { 200: Type.Array(JournalEntry), ...orProblem },
      },
    },
    (request) => control.journal.list(request.query),
  );

  app.post(
    "/reset",
    {
      schema: {
        operationId: "sandboxReset",
        summary: "Put the sandbox back to its start",
        body: NoBody,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (_request, reply) => {
      await control.reset();
      return reply.code(204).send();
    },
  );
}

/**
 * A page of another origin, another port of this machine among them, changes nothing here: not the clock, nor the cards.
 * Who sends no `Origin` is no page.
 */
function refuseOtherOrigins(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ method, protocol, headers: { host, origin } }) => {
    if (method === "GET" || method === "HEAD" || origin === undefined) return;
    if (URL.parse(origin)?.origin === URL.parse(`${protocol}://${host}`)?.origin) return;
    throw new LinchpinError("caller_not_allowed", { reason: "its Origin is not that of this sandbox" });
  });
}
