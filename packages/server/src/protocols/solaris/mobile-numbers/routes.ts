import { MobileNumberConfirmation, MobileNumberReply, MobileNumberRequest } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../../context/index.ts";
import { comparesSecret, partnerOf } from "../../../http/index.ts";
import { findOwnPerson, namedNumberOf } from "../../../persons/index.ts";
import { authorizeMobileNumber } from "./authorize-mobile-number.ts";
import { confirmMobileNumber } from "./confirm-mobile-number.ts";
import { deleteMobileNumber } from "./delete-mobile-number.ts";
import { registerMobileNumber } from "./register-mobile-number.ts";

const OfPerson = Type.Object({ person_id: Type.String({ maxLength: 64 }) });
type OfPerson = Type.Static<typeof OfPerson>;
const Deletion = Type.Union([MobileNumberRequest, Type.Null()]);
type Deletion = Type.Static<typeof Deletion>;

const path = "/v1/persons/:person_id/mobile_number";

/** A person's number: registered, authorized by an OTP, confirmed by typing it. */
export async function solarisMobileNumbers(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get<{ Params: OfPerson }>(
    path,
    {
      schema: {
        operationId: "solarisGetMobileNumber",
        summary: "A person's mobile number",
        params: OfPerson,
        response: { 200: MobileNumberReply },
      },
    },
    async (request) => {
      const person = await findOwnPerson(context, partnerOf(request), request.params.person_id);
      return describe(namedNumberOf(person, undefined));
    },
  );

  app.delete<{ Params: OfPerson; Body: Deletion }>(
    path,
    {
      schema: {
        operationId: "solarisDeleteMobileNumber",
        summary: "Delete a number that was never verified",
        params: OfPerson,
        body: Deletion,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteMobileNumber(context, partnerOf(request), request.params.person_id, request.body?.number);
      return reply.code(204).send();
    },
  );

  app.post<{ Params: OfPerson; Body: MobileNumberRequest }>(
    path,
    {
      schema: {
        operationId: "solarisRegisterMobileNumber",
        summary: "Register a mobile number",
        params: OfPerson,
        body: MobileNumberRequest,
        response: { 201: MobileNumberReply },
      },
    },
    async (request, reply) => {
      const number = await registerMobileNumber(context, partnerOf(request), request.params.person_id, request.body);
      reply.code(201);
      return describe(number);
    },
  );

  app.post<{ Params: OfPerson; Body: MobileNumberRequest }>(
    `${path}/authorize`,
    {
      schema: {
        operationId: "solarisAuthorizeMobileNumber",
        summary: "Send an OTP to the number",
        params: OfPerson,
        body: MobileNumberRequest,
        response: { 201: MobileNumberReply },
      },
    },
    async (request, reply) => {
      const number = await authorizeMobileNumber(context, partnerOf(request), request.params.person_id, request.body);
      reply.code(201);
      return describe(number);
    },
  );

  app.post<{ Params: OfPerson; Body: MobileNumberConfirmation }>(
    `${path}/confirm`,
    {
      config: comparesSecret("tan_invalid"),
      schema: {
        operationId: "solarisConfirmMobileNumber",
        summary: "Verify the number by the OTP",
        params: OfPerson,
        body: MobileNumberConfirmation,
        response: { 201: MobileNumberReply },
      },
    },
    async (request, reply) => {
      const number = await confirmMobileNumber(context, partnerOf(request), request.params.person_id, request.body);
      reply.code(201);
      return describe(number);
    },
  );
}

function describe({ id, number, verified }: MobileNumber): MobileNumberReply {
  return { id, number, verified };
}
