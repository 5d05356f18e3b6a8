import { concatBytes, utf8 } from "@linchpin/core";
import {
  DeletedReply,
  Envelope,
  ErrorReply,
  type SigningMethodDescription,
  SigningMethodReply,
  SigningMethodRequest,
  SigningMethodUpdate,
  type UserDescription,
  UserReply,
  UserRequest,
  UsersReply,
  UserUpdate,
} from "@linchpin/protocols/venly/wire";
import type { SigningMethod, SigningUser } from "@linchpin/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import Type, { type TSchema } from "typebox";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { comparesSecret, partnerOf } from "../../../http/index.ts";
import { attemptsAllowed } from "../../../signing/index.ts";
import { judgedByReader, rawBodyOf, receivedRequestOf, SigningHeaders } from "../raw-body.ts";
import { addSigningMethod, type WithMadeCode } from "../signing-methods/add-signing-method.ts";
import { deleteSigningMethod } from "../signing-methods/delete-signing-method.ts";
import { findOwnUser } from "../signing-methods/find-signing-method.ts";
import { updateSigningMethod } from "../signing-methods/update-signing-method.ts";
import { deleteSigningUser } from "./delete-signing-user.ts";
import { makeSigningUser } from "./make-signing-user.ts";
import { updateSigningUser } from "./update-signing-user.ts";

type OfUser = { userId: string };
type OfMethod = OfUser & { methodId: string };

const maxPageSize = 1000;
/** Other query parameters are ignored. */
const UserQuery = Type.Object({
  page: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,5}$" })),
  size: Type.Optional(Type.String({ pattern: "^([1-9][0-9]{0,2}|1000)$" })),
  reference: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "users of this reference" })),
});

const described = (operationId: string, summary: string, body: TSchema, reply: TSchema) => ({
  schema: { operationId, summary, body: Type.Union([body, Envelope]), response: { 200: reply, default: ErrorReply } },
  validatorCompiler: judgedByReader,
});

const signed = (operationId: string, summary: string, body: TSchema, reply: TSchema) => {
  const route = described(operationId, summary, body, reply);
  return {
    ...route,
    config: comparesSecret("signing_method_incorrect"),
    schema: { ...route.schema, headers: SigningHeaders },
  };
};

const deleting = (operationId: string, summary: string) => ({
  config: comparesSecret("signing_method_incorrect"),
  schema: { operationId, summary, headers: SigningHeaders, response: { 200: DeletedReply, default: ErrorReply } },
  validatorCompiler: judgedByReader,
});

/** A partner's users and their signing methods. */
export async function venlyUsers(
  app: FastifyInstance,
  { context, acceptsPlainBiometric }: { context: Context; acceptsPlainBiometric: boolean },
): Promise<void> {
  const signedBy = (request: FastifyRequest, userId: string) => ({
    ...receivedRequestOf(request, acceptsPlainBiometric),
    userId,
  });

  app.post(
    "/api/users",
    described("venlyMakeUser", "Make a user", UserRequest, UserReply),
    async (request): Promise<UserReply> => {
      const user = await makeSigningUser(context, partnerOf(request), rawBodyOf(request));
      return { success: true, result: describeUser(user) };
    },
  );

  app.get<{ Querystring: Type.Static<typeof UserQuery> }>(
    "/api/users",
    {
      schema: {
        operationId: "venlyListUsers",
        summary: "The partner's users",
        querystring: UserQuery,
        response: { 200: UsersReply, default: ErrorReply },
      },
    },
    (request) => listUsers(context, partnerOf(request), request.query),
  );

  app.get<{ Params: OfUser }>(
    "/api/users/:userId",
    { schema: { operationId: "venlyGetUser", summary: "A user", response: { 200: UserReply, default: ErrorReply } } },
    async (request): Promise<UserReply> => {
      const user = await findOwnUser(context, partnerOf(request), request.params.userId);
      return { success: true, result: describeUser(user) };
    },
  );

  app.put<{ Params: OfUser }>(
    "/api/users/:userId",
    {
      schema: {
        operationId: "venlyUpdateUser",
        summary: "Give a user another reference",
        body: UserUpdate,
        response: { 200: UserReply, default: ErrorReply },
      },
      validatorCompiler: judgedByReader,
    },
    async (request): Promise<UserReply> => {
      const { userId } = request.params;
      const user = await updateSigningUser(context, partnerOf(request), userId, rawBodyOf(request));
      return { success: true, result: describeUser(user) };
    },
  );

  app.delete<{ Params: OfUser }>(
    "/api/users/:userId",
    deleting("venlyDeleteUser", "Delete a user"),
    async (request): Promise<DeletedReply> => {
      await deleteSigningUser(context, signedBy(request, request.params.userId));
      return { success: true };
    },
  );

  app.post<{ Params: OfUser }>(
    "/api/users/:userId/signing-methods",
    signed("venlyAddSigningMethod", "Make a signing method", SigningMethodRequest, SigningMethodReply),
    async (request, reply) =>
      answerMethod(reply, await addSigningMethod(context, signedBy(request, request.params.userId))),
  );

  app.put<{ Params: OfMethod }>(
    "/api/users/:userId/signing-methods/:methodId",
    signed("venlyUpdateSigningMethod", "Give a signing method a new value", SigningMethodUpdate, SigningMethodReply),
    async (request, reply) => {
      const { userId, methodId } = request.params;
      return answerMethod(reply, await updateSigningMethod(context, methodId, signedBy(request, userId)));
    },
  );

  app.delete<{ Params: OfMethod }>(
    "/api/users/:userId/signing-methods/:methodId",
    deleting("venlyDeleteSigningMethod", "Delete a signing method"),
    async (request): Promise<DeletedReply> => {
      const { userId, methodId } = request.params;
      await deleteSigningMethod(context, methodId, signedBy(request, userId));
      return { success: true };
    },
  );
}

async function listUsers(
  context: Context,
  { partnerId }: PartnerCaller,
  { page = "1", size = `${maxPageSize}`, reference }: Type.Static<typeof UserQuery>,
): Promise<UsersReply> {
  const [pageNumber, pageSize] = [Number(page), Number(size)];
  const filter = { reference: reference ?? null, skip: (pageNumber - 1) * pageSize, limit: pageSize };
  const { users, total: numberOfElements } = await context.store.listSigningUsers(partnerId, filter);
  const numberOfPages = Math.ceil(numberOfElements / pageSize);
  const [hasNextPage, hasPreviousPage] = [pageNumber < numberOfPages, pageNumber > 1];
  const pagination = { pageNumber, pageSize, numberOfPages, numberOfElements, hasNextPage, hasPreviousPage };
  return { success: true, pagination, result: users.map(describeUser) };
}

function describeUser({ id, reference, createdAt, methods }: SigningUser): UserDescription {
  return { id, reference, createdAt: createdAt.toISOString(), signingMethods: methods.map(describeMethod) };
}

function describeMethod({ id, type, incorrectAttempts, needsRecovery }: SigningMethod): SigningMethodDescription {
  const remainingAttempts = needsRecovery ? 0 : Math.max(0, attemptsAllowed - incorrectAttempts);
  const lastUsedSuccess = incorrectAttempts === 0;
  return { id, type, incorrectAttempts, remainingAttempts, lastUsedSuccess, hasMasterSecret: true };
}

/** A code that the issuer made is written into the answer as bytes, which are wiped when the answer is sent. */
function answerMethod(reply: FastifyReply, { done, madeCode }: WithMadeCode<SigningMethod>) {
  const answer: SigningMethodReply = { success: true, result: describeMethod(done) };
  if (madeCode === null) return answer;
  const beforeValue = JSON.stringify(answer).slice(0, -2);
  const json = concatBytes(utf8(`${beforeValue},"value":"`), madeCode, utf8('"}}'));
  madeCode.fill(0);
  reply.raw.once("close", () => json.fill(0));
  return reply.type("application/json").send(json);
}
