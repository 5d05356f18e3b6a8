import {
  checkBodyHash,
  type PresentedMethod,
  parseMessage,
  parseSealedHeader,
  readSignedMethod,
  type SealedMessage,
} from "@linchpin/protocols/venly/issuer";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../../context/index.ts";
import { recordSigningAttempt } from "../../signing/index.ts";
import { lookForReplay } from "../../steps/index.ts";
import type { BodyOperation } from "./body-operation.ts";
import { openVenlyMessage } from "./open-venly-message.ts";
import { findPresentedMethod } from "./signing-methods/find-signing-method.ts";
import type { SigningOperation } from "./signing-operation.ts";

/**
 * The steps of every Venly request that a signing method authorizes. If the method matches, the request is forwarded to
 * the upstream, or a signing method is added or changed, whose value comes in a body that `venlyBody` opens.
 */
export const venlySigning: SigningOperation = {
  name: "venly.signing",
  parse: parseHeader,
  key: findVenlyKey,
  replay: lookForReplay,
  open: openSignedMethod,
  body: checkBodyOfMethod,
  method: findPresentedMethod,
  commit: recordSigningAttempt,
};

/** The body with the first or next value of a signing method, sealed or plain. Its replay mark is stored with the change. */
export const venlyBody: BodyOperation = {
  name: "venly.body",
  parse: parseBody,
  key: findVenlyKey,
  replay: lookForReplay,
  open: openVenlyMessage,
};

function parseHeader(context: Context, header: string): Promise<SealedMessage> {
  return parseSealedHeader(context.primitives, header);
}

function parseBody(context: Context, body: Uint8Array): ReturnType<typeof parseMessage> {
  return parseMessage(context.primitives, body);
}

function findVenlyKey(context: Context, { keyId }: SealedMessage): Promise<KeyRecord> {
  return context.keyring.find("venly", keyId);
}

function openSignedMethod(context: Context, sealed: SealedMessage, key: KeyRecord): Promise<PresentedMethod> {
  return openVenlyMessage(context, sealed, key, readSignedMethod);
}

function checkBodyOfMethod(context: Context, presented: PresentedMethod, body: Uint8Array): Promise<void> {
  return checkBodyHash(context.primitives, presented, body);
}
