import { SessionReply, SessionRequest } from "@linchpin/protocols/native/wire";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../context/index.ts";
import { partnerOf, sendLongTexts } from "../../http/index.ts";
import { openSession } from "./make-session.ts";
import type { NativeSettings } from "./settings.ts";

export async function nativeSessions(
  app: FastifyInstance,
  { context, settings }: { context: Context; settings: NativeSettings },
): Promise<void> {
  app.post<{ Body: SessionRequest }>(
    "/sessions",
    {
      schema: {
        operationId: "nativeMakeSession",
        summary: "Make a session for one operation on one card; sends the code that authorizes it",
        body: SessionRequest,
        response: { 200: SessionReply },
      },
    },
    async (request, reply) => {
      const made = await openSession(context, settings, partnerOf(request), request.body);
      return sendLongTexts(reply, made satisfies SessionReply);
    },
  );
}
