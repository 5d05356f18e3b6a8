import type { Operation } from "@linchpin/protocols/native/issuer";
import { ErrorReply, OperationReply, OperationRequest, type SignedOutcome } from "@linchpin/protocols/native/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { comparesSecret, mediaType, noteRefusal, partnerOf, sendLongTexts } from "../../http/index.ts";
import { runNativeOperation } from "./run-native-operation.ts";
import type { NativeSettings } from "./settings.ts";

const answerOrProblem = (description: string) => ({
  description,
  content: { "application/json": { schema: OperationReply }, [mediaType]: { schema: ErrorReply } },
});

/** `POST /operations`: a message to a session, answered by a signed answer. */
export async function nativeOperations(
  app: FastifyInstance,
  { context, settings }: { context: Context; settings: NativeSettings },
): Promise<void> {
  app.post<{ Body: OperationRequest }>(
    "/operations",
    {
      config: comparesSecret("code_incorrect", "mismatch", "pin_reused"),
      schema: {
        operationId: "nativeRunOperation",
        summary: "Carry out the session's operation; every answer that is signed spends the session",
        body: OperationRequest,
        response: {
          200: OperationReply,
          409: answerOrProblem("A signed answer, that the session was spent before; or refused"),
          422: answerOrProblem("A signed refusal; or refused"),
        },
      },
    },
    async (request, reply) => {
      const { answer, op, outcome } = await runNativeOperation(context, settings, partnerOf(request), request.body);
      if (outcome.result === "mismatch" || outcome.result === "blocked") noteRefusal(request, outcome.result);
      if (outcome.result === "refused") noteRefusal(request, isWrongPin(op, outcome) ? "mismatch" : outcome.code);
      reply.code(statuses[outcome.result] ?? 200);
      return sendLongTexts(reply, { answer } satisfies OperationReply);
    },
  );
}

/** A binding has no policy for PINs: what is refused there is another PIN than the present one. */
function isWrongPin(op: Operation, outcome: Extract<SignedOutcome, { result: "refused" }>): boolean {
  return op === "bind" && outcome.code === "pin_refused";
}

/** For the relay's logs: what is signed counts. */
const statuses: Readonly<Partial<Record<SignedOutcome["result"], number>>> = { refused: 422, spent: 409 };
