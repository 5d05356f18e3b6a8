import {
  ActivationReply,
  ActivationRequest,
  AddDeviceKeyRequest,
  BindDeviceReply,
  BindDeviceRequest,
  DeviceChallengeReply,
  DeviceChallengeRequest,
  DeviceKeyListing,
  DeviceKeyReply,
  DeviceQuery,
  DeviceReply,
  formatTimestamp,
  SignatureAnswer,
  SignatureChallengeReply,
} from "@linchpin/protocols/solaris/wire";
import type { Challenge, Device } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnChallenge, findOwnDevice } from "../../../devices/index.ts";
import { comparesSecret, partnerOf } from "../../../http/index.ts";
import { findOwnPerson } from "../../../persons/index.ts";
import { pageOf } from "../page.ts";
import { addDeviceKey } from "./add-device-key.ts";
import { answerDeviceChallenge } from "./answer-device-challenge.ts";
import { bindDevice } from "./bind-device.ts";
import { deleteDevice } from "./delete-device.ts";
import { makeDeviceChallenge } from "./make-device-challenge.ts";
import { proveBinding } from "./prove-binding.ts";
import { requestActivationCode } from "./request-activation-code.ts";

const identifier = Type.String({ maxLength: 64 });
const ById = Type.Object({ id: identifier });
type ById = Type.Static<typeof ById>;
const NoContent = Type.Null();

/** Everything below `/v1/mfa`. */
export async function solarisDevices(app: FastifyInstance, options: { context: Context }): Promise<void> {
  binding(app, options.context);
  devices(app, options.context);
  deviceKeys(app, options.context);
  deviceChallenges(app, options.context);
}

function binding(app: FastifyInstance, context: Context): void {
  app.post<{ Body: BindDeviceRequest }>(
    "/v1/mfa/devices",
    {
      schema: {
        operationId: "solarisBindDevice",
        summary: "Begin to bind a device",
        body: BindDeviceRequest,
        response: { 202: BindDeviceReply },
      },
    },
    async (request, reply): Promise<BindDeviceReply> => {
      const { device, challenge } = await bindDevice(context, partnerOf(request), request.body);
      reply.code(202);
      return { id: device.id, challenge: describeSignatureChallenge(challenge) };
    },
  );

  app.get<{ Params: ById }>(
    "/v1/mfa/challenges/signatures/:id",
    {
      schema: {
        operationId: "solarisGetBindingChallenge",
        summary: "A challenge of a binding",
        params: ById,
        response: { 200: SignatureChallengeReply },
      },
    },
    async (request) =>
      describeSignatureChallenge(
        await findOwnChallenge(context, partnerOf(request), "device_binding", request.params.id),
      ),
  );

  app.put<{ Params: ById; Body: SignatureAnswer }>(
    "/v1/mfa/challenges/signatures/:id",
    {
      // The device signs a code of six digits.
      config: comparesSecret("signature_invalid"),
      schema: {
        operationId: "solarisProveBinding",
        summary: "Prove a binding: the device signed the code that reached the person",
        params: ById,
        body: SignatureAnswer,
        response: { 204: NoContent },
      },
    },
    async (request, reply) => {
      await proveBinding(context, partnerOf(request), request.params.id, request.body);
      return reply.code(204).send();
    },
  );

  app.post<{ Body: ActivationRequest }>(
    "/v1/mfa/challenges/activation",
    {
      schema: {
        operationId: "solarisSendActivationCode",
        summary: "Send an activation code by letter",
        body: ActivationRequest,
        response: { 201: ActivationReply },
      },
    },
    async (request, reply): Promise<ActivationReply> => {
      const challenge = await requestActivationCode(context, partnerOf(request), request.body);
      reply.code(201);
      return { id: challenge.id, ...lifeOf(challenge) };
    },
  );
}

function devices(app: FastifyInstance, context: Context): void {
  app.get<{ Querystring: DeviceQuery }>(
    "/v1/mfa/devices",
    {
      schema: {
        operationId: "solarisListDevices",
        summary: "The partner's devices, or a person's",
        querystring: DeviceQuery,
        response: { 200: Type.Array(DeviceReply) },
      },
    },
    async (request) => listDevices(context, partnerOf(request), request.query),
  );

  app.get<{ Params: ById }>(
    "/v1/mfa/devices/:id",
    { schema: { operationId: "solarisGetDevice", summary: "A device", params: ById, response: { 200: DeviceReply } } },
    async (request) => describeDevice(await findOwnDevice(context, request.params.id, partnerOf(request).partnerId)),
  );

  app.delete<{ Params: ById }>(
    "/v1/mfa/devices/:id",
    {
      schema: {
        operationId: "solarisDeleteDevice",
        summary: "Delete a device",
        params: ById,
        response: { 204: NoContent },
      },
    },
    async (request, reply) => {
      await deleteDevice(context, partnerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
}

function deviceKeys(app: FastifyInstance, context: Context): void {
  app.get<{ Params: ById }>(
    "/v1/mfa/devices/:id/keys",
    {
      schema: {
        operationId: "solarisListDeviceKeys",
        summary: "A device's keys",
        params: ById,
        response: { 200: DeviceKeyListing },
      },
    },
    async (request): Promise<DeviceKeyListing> => {
      const { keys } = await findOwnDevice(context, request.params.id, partnerOf(request).partnerId);
      return keys.map(({ id, purpose, createdAt }) => ({
        id,
        key_type: "ecdsa-p256",
        key_purpose: purpose,
        created_at: formatTimestamp(createdAt),
      }));
    },
  );

  app.post<{ Params: ById; Body: AddDeviceKeyRequest }>(
    "/v1/mfa/devices/:id/keys",
    {
      schema: {
        operationId: "solarisAddDeviceKey",
        summary: "Give a device its second key",
        params: ById,
        body: AddDeviceKeyRequest,
        response: { 201: DeviceKeyReply },
      },
    },
    async (request, reply): Promise<DeviceKeyReply> => {
      const { id } = await addDeviceKey(context, partnerOf(request), request.params.id, request.body);
      reply.code(201);
      return { id };
    },
  );
}

function deviceChallenges(app: FastifyInstance, context: Context): void {
  app.post<{ Body: DeviceChallengeRequest }>(
    "/v1/mfa/challenges/devices",
    {
      schema: {
        operationId: "solarisMakeDeviceChallenge",
        summary: "A string for a device to sign",
        body: DeviceChallengeRequest,
        response: { 201: DeviceChallengeReply },
      },
    },
    async (request, reply): Promise<DeviceChallengeReply> => {
      const { challenge, stringToSign } = await makeDeviceChallenge(context, partnerOf(request), request.body);
      reply.code(201);
      return { id: challenge.id, type: "device", string_to_sign: stringToSign, ...lifeOf(challenge) };
    },
  );

  app.put<{ Params: ById; Body: SignatureAnswer }>(
    "/v1/mfa/challenges/devices/:id",
    {
      schema: {
        operationId: "solarisAnswerDeviceChallenge",
        summary: "The signature over it",
        params: ById,
        body: SignatureAnswer,
        response: { 204: NoContent },
      },
    },
    async (request, reply) => {
      await answerDeviceChallenge(context, partnerOf(request), request.params.id, request.body);
      return reply.code(204).send();
    },
  );
}

async function listDevices(context: Context, caller: PartnerCaller, query: DeviceQuery): Promise<DeviceReply[]> {
  const personId = query["filter[person_id]"] ?? query.person_id ?? null;
  if (personId !== null) await findOwnPerson(context, caller, personId);
  const devices = await context.store.listPartnerDevices(caller.partnerId, {
    personId,
    includeDeleted: query["filter[include_deleted]"] === "true",
    ...pageOf(query),
  });
  return devices.map(describeDevice);
}

function describeDevice({ id, personId, name, createdAt, deletedAt }: Device): DeviceReply {
  return {
    id,
    person_id: personId,
    name,
    created_at: formatTimestamp(createdAt),
    deleted_at: deletedAt === null ? null : formatTimestamp(deletedAt),
  };
}

function describeSignatureChallenge(challenge: Challenge): SignatureChallengeReply {
  return { id: challenge.id, type: "signature", ...lifeOf(challenge) };
}

function lifeOf({ createdAt, expiresAt }: Challenge): { created_at: string; expires_at: string } {
  return { created_at: formatTimestamp(createdAt), expires_at: formatTimestamp(expiresAt) };
}
