import { LinchpinError } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  type AcceptedOutcome,
  type AcceptedSession,
  acceptAnswer,
  acceptSession,
  makeSessionRequest,
  type OperationMessage,
  type SessionWish,
} from "@linchpin/protocols/native/device";
import { refusalCodes } from "@linchpin/protocols/native/layout";
import type { SessionReply } from "@linchpin/protocols/native/wire";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { type HttpCaller, refusal } from "../http-caller.ts";
import { fetchManifest, type RootPinsFile } from "../root-pins.ts";
import { keepSeq, lowestSeqFor } from "../seen-list.ts";

/** A card as the native protocol names it, the partner's way to it, and the roots that the device trusts. */
export interface NativeCard {
  readonly partner: HttpCaller;
  readonly pins: RootPinsFile;
  readonly cardId: string;
}

/** What a bound device knows of earlier sessions. */
export interface Known {
  readonly sub: string;
  readonly seq: number;
}

/**
 * A session of the issuer's for what is wished, whatever the partner hands on.
 * @throws LinchpinError as `acceptSession`; Failure in the issuer's own words
 */
export async function openSession(
  { partner, pins }: NativeCard,
  wish: SessionWish,
  known: Known | null,
): Promise<AcceptedSession> {
  const request = makeSessionRequest(webCryptoPrimitives, wish);
  const { session, manifest } = await partner.ask<SessionReply>("POST", "/sessions", request);
  const clockSeconds = Math.floor(Date.now() / 1000);
  const lowestSeq = Math.max(known?.seq ?? 0, await lowestSeqFor(pins));
  const terms = { request, pins, lowestSeq, sub: known?.sub, clockSeconds };
  const accept = (compact: unknown) => acceptSession(webCryptoPrimitives, { session, manifest: compact }, terms);
  // The partner may have handed on no list, or an old one.
  const accepted = await accept(manifest).catch(async () => accept(await fetchManifest(partner)));
  await keepSeq(pins, accepted.manifest.seq);
  return accepted;
}

/** What an operation ends with, when it does not end with a refusal. */
export type Settled = Exclude<AcceptedOutcome, { result: "refused" | "spent" }>;

/**
 * Sends the message. Only the issuer's own signed answer says what became of it.
 * @throws LinchpinError the refusal, which is final; Failure when no such answer came, or another message used the session
 */
export async function settle(
  { partner }: NativeCard,
  session: AcceptedSession,
  message: OperationMessage,
): Promise<Settled> {
  const outcome = await send(partner, session, message).catch(({ message: said }: Error) => {
    throw new Failure(exitCodes.unreachable, `the outcome is unknown, do it again: ${said}`);
  });
  if (outcome.result === "spent")
    throw new Failure(exitCodes.refused, "another message used the session, and this one did nothing");
  if (outcome.result === "refused")
    throw new LinchpinError(refusalCodes.includes(outcome.code) ? outcome.code : "refused");
  return outcome;
}

async function send(
  partner: HttpCaller,
  session: AcceptedSession,
  message: OperationMessage,
): Promise<AcceptedOutcome> {
  const answer = await partner.send("POST", "/operations", message.request);
  const signed = (answer.body as { answer?: unknown } | null)?.answer;
  if (signed === undefined) throw refusal(answer);
  return acceptAnswer(webCryptoPrimitives, signed, session, message);
}
