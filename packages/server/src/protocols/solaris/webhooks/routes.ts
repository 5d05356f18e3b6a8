import { PageQuery, WebhookReply, WebhookRequest } from "@linchpin/protocols/solaris/wire";
import type { Webhook } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../../context/index.ts";
import { partnerOf } from "../../../http/index.ts";
import { pageOf } from "../page.ts";
import type { AllowedHost } from "./allowed-hosts.ts";
import { deleteWebhook } from "./delete-webhook.ts";
import { findOwnWebhook } from "./find-webhook.ts";
import { makeWebhook } from "./make-webhook.ts";

const ById = Type.Object({ id: Type.String({ maxLength: 64 }) });
type ById = Type.Static<typeof ById>;

/** A partner registers the URLs that receive its events. `hosts`: those that these URLs may be at. */
export async function solarisWebhooks(
  app: FastifyInstance,
  { context, hosts }: { context: Context; hosts: readonly AllowedHost[] },
): Promise<void> {
  app.post<{ Body: WebhookRequest }>(
    "/v1/webhooks",
    {
      schema: {
        operationId: "solarisMakeWebhook",
        summary: "Subscribe to an event: the URL must answer an empty POST",
        body: WebhookRequest,
        response: { 201: WebhookReply },
      },
    },
    async (request, reply): Promise<WebhookReply> => {
      const { webhook, secret } = await makeWebhook(context, partnerOf(request), request.body, hosts);
      reply.code(201);
      return { ...describeWebhook(webhook), secret };
    },
  );

  app.get<{ Querystring: PageQuery }>(
    "/v1/webhooks",
    {
      schema: {
        operationId: "solarisListWebhooks",
        summary: "The partner's webhooks",
        querystring: PageQuery,
        response: { 200: Type.Array(WebhookReply) },
      },
    },
    async (request): Promise<WebhookReply[]> => {
      const { skip, limit } = pageOf(request.query);
      const webhooks = await context.store.listWebhooks("solaris", partnerOf(request).partnerId);
      return webhooks.slice(skip, skip + limit).map(describeWebhook);
    },
  );

  app.get<{ Params: ById }>(
    "/v1/webhooks/:id",
    {
      schema: { operationId: "solarisGetWebhook", summary: "A webhook", params: ById, response: { 200: WebhookReply } },
    },
    async (request): Promise<WebhookReply> =>
      describeWebhook(await findOwnWebhook(context, partnerOf(request), request.params.id)),
  );

  app.delete<{ Params: ById }>(
    "/v1/webhooks/:id",
    {
      schema: {
        operationId: "solarisDeleteWebhook",
        summary: "Delete a webhook",
        params: ById,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteWebhook(context, partnerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
}

function describeWebhook({ id, eventType, url }: Webhook): WebhookReply {
  return { id, event_type: eventType as WebhookReply["event_type"], url, secret: null };
}
