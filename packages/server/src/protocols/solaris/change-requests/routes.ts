import {
  AuthorizeReply,
  AuthorizeRequest,
  ChangeRequestReply,
  ConfirmReply,
  ConfirmRequest,
  formatTimestamp,
} from "@linchpin/protocols/solaris/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../../context/index.ts";
import { comparesSecret, partnerOf } from "../../../http/index.ts";
import { runPinOperation } from "../../../pin/index.ts";
import { describeCardStatus } from "../cards/describe-card.ts";
import { authorizeChangeRequest } from "./authorize-change-request.ts";
import { changeRequestConfirm } from "./confirm-change-request.ts";
import { describeChangeRequest } from "./describe-change-request.ts";
import { findOwnChangeRequest } from "./find-change-request.ts";

const ById = Type.Object({ id: Type.String({ maxLength: 64 }) });
type ById = Type.Static<typeof ById>;

/** How a person says yes to a change that was asked for. `staticTan`: of the delivery method `static`; null: there is none. */
export async function solarisChangeRequests(
  app: FastifyInstance,
  { context, staticTan }: { context: Context; staticTan: string | null },
): Promise<void> {
  app.get<{ Params: ById }>(
    "/v1/change_requests/:id",
    {
      schema: {
        operationId: "solarisGetChangeRequest",
        summary: "A change request and its status",
        params: ById,
        response: { 200: ChangeRequestReply },
      },
    },
    async (request): Promise<ChangeRequestReply> =>
      describeChangeRequest(context, await findOwnChangeRequest(context, partnerOf(request), request.params.id)),
  );

  app.post<{ Params: ById; Body: AuthorizeRequest }>(
    "/v1/change_requests/:id/authorize",
    {
      schema: {
        operationId: "solarisAuthorizeChangeRequest",
        summary: "Ask the person: a TAN goes out, or a string comes back to be signed",
        params: ById,
        body: AuthorizeRequest,
        response: { 201: AuthorizeReply },
      },
    },
    async (request, reply): Promise<AuthorizeReply> => {
      const { params, body } = request;
      const authorized = await authorizeChangeRequest(context, partnerOf(request), params.id, body, staticTan);
      const { id, status, updatedAt } = authorized.request;
      const text = authorized.stringToSign;
      reply.code(201);
      return {
        id,
        status,
        updated_at: formatTimestamp(updatedAt),
        ...(text === null ? {} : { string_to_sign: text, text_to_sign: text }),
      };
    },
  );

  app.post<{ Params: ById; Body: ConfirmRequest }>(
    "/v1/change_requests/:id/confirm",
    {
      config: comparesSecret("tan_invalid", "pin_reused"),
      schema: {
        operationId: "solarisConfirmChangeRequest",
        summary: "Confirm by TAN or signature: the PIN is changed",
        params: ById,
        body: ConfirmRequest,
        response: { 200: ConfirmReply },
      },
    },
    async (request): Promise<ConfirmReply> => {
      const caller = partnerOf(request);
      const confirmation = { ...request.body, changeRequestId: request.params.id };
      const { card } = await runPinOperation(context, changeRequestConfirm, caller, confirmation);
      const { id, status, updatedAt } = await findOwnChangeRequest(context, caller, request.params.id);
      // The code that `pin_update_requests` would have answered.
      const response = { response_body: describeCardStatus(card), response_code: 204 } as const;
      return { id, status, updated_at: formatTimestamp(updatedAt), ...response };
    },
  );
}
