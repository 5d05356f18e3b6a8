import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptKeySet,
  makePinDisplayRequest,
  makePinSetRequest,
  openDisplayedPin,
} from "@linchpin/protocols/worldline/device";
import { type Answer, call } from "@linchpin/testing/call";
import { changedBy, revealedBy } from "./answered.ts";
import type { VendorCard } from "./vendor-card.ts";

interface Access extends Record<"clientId" | "clientSecret" | "issuerId" | "cardReference" | "pan", string> {
  readonly keySets: { readonly "01": string };
}

export function worldlineCard({ clientId, clientSecret, keySets, pan, ...of }: Access): VendorCard {
  const issuerKey = acceptKeySet({ keyId: "01", publicKey: keySets["01"] });
  const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  let token: string | undefined;
  const tokenAt = async (origin: string): Promise<string> => {
    const body = new URLSearchParams(credentials).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await call("POST", `${origin}/worldline/token`, { body, headers });
    if (answer.status !== 200) throw new Error(`no token: ${answer.status}`);
    return answer.body.access_token;
  };
  /** A token that ended is forgotten: the same message goes out again with the next. */
  const send = async (origin: string, operation: string, body: unknown): Promise<Answer> => {
    token ??= await tokenAt(origin);
    const cards = `${origin}/worldline/card-issuing/api/v2/issuers/${of.issuerId}/cards`;
    const answer = await call("POST", `${cards}/${of.cardReference}/${operation}`, { body, bearer: token });
    if (answer.status === 401) token = undefined;
    return answer;
  };
  return {
    sealChange: async (_origin, digits) => {
      const request = await makePinSetRequest(primitives, { pin: new Pin(utf8(digits)), pan, issuerKey });
      return async (to) => changedBy(await send(to, "pin", request));
    },
    makeReveal: async () => {
      const { request, sessionKey } = await makePinDisplayRequest(primitives, issuerKey);
      return async (to) =>
        revealedBy(await send(to, "display-pin", request), ({ data }) =>
          openDisplayedPin(primitives, { attribute: data.externalPinAttribute, pan, sessionKey }),
        );
    },
  };
}
