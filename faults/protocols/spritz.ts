import { randomUUID } from "node:crypto";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { makePinGet, makePinSet, openPinGet, readIssuerKey } from "@linchpin/protocols/spritz/device";
import { type Answer, call } from "@linchpin/testing/call";
import { changedBy, revealedBy } from "./answered.ts";
import type { VendorCard } from "./vendor-card.ts";

type Access = Record<"apiKey" | "cardId" | "publicKey", string>;

export function spritzCard({ apiKey, cardId, publicKey }: Access): VendorCard {
  const issuerKey = readIssuerKey(publicKey);
  const send = (origin: string, method: string, body: unknown) =>
    call(method, `${origin}/spritz/v1/cards/${cardId}/pin`, { body, bearer: apiKey });
  return {
    sealChange: async (_origin, digits) => {
      const message = await makePinSet(primitives, { pin: new Pin(utf8(digits)), issuerKey });
      return async (to) => changedBy(await send(to, "PUT", message));
    },
    makeReveal: async () => {
      const { encryptedKey, sessionKey } = await makePinGet(primitives, issuerKey);
      return async (to) => revealedBy(await send(to, "POST", { encryptedKey }), opening(sessionKey));
    },
  };
}

/** Rain's form; each change has an idempotency key. */
export function rainCard({ apiKey, cardId, publicKey }: Access): VendorCard {
  const issuerKey = readIssuerKey(publicKey, { form: "rain" });
  const urlAt = (origin: string) => `${origin}/spritz/v1/issuing/cards/${cardId}/pin`;
  return {
    sealChange: async (_origin, digits) => {
      const { encryptedKey, encryptedPin } = await makePinSet(primitives, { pin: new Pin(utf8(digits)), issuerKey });
      const headers = { "api-key": apiKey, SessionId: encryptedKey, "Idempotency-Key": randomUUID() };
      return async (to) => changedBy(await call("PUT", urlAt(to), { body: { encryptedPin }, headers }));
    },
    makeReveal: async () => {
      const { encryptedKey: SessionId, sessionKey } = await makePinGet(primitives, issuerKey);
      const headers = { "api-key": apiKey, SessionId };
      return async (to) => revealedBy(await call("GET", urlAt(to), { headers }), opening(sessionKey));
    },
  };
}

const opening =
  (sessionKey: Uint8Array) =>
  ({ encryptedPin }: Answer["body"]) =>
    openPinGet(primitives, { encryptedPin, sessionKey });
