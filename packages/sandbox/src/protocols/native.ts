import { fixedId } from "../fixed-identifiers.ts";
import { parsed, type RelayedMessage, withMember } from "../relay/relayed-change.ts";
import type { Origin, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const [clientId, clientSecret] = ["sandbox-native", "sandbox-native-secret"];

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const forgedHeader = { alg: "ES256", typ: "linchpin-answer+jwt", kid: "the partner's own" };
const claimsOf = (jws: unknown) => parsed(Buffer.from(String(jws).split(".")[1] ?? "", "base64url").toString());
const isSessionFor = ({ url, body }: RelayedMessage, op: string) => url.endsWith("/sessions") && parsed(body).op === op;

export const native = {
  name: "native",
  clientId,
  secret: clientSecret,
  roles: [],
  fixedCardName: fixedId("native card"),
  describe: (baseUrl: string, { personId, names }: SandboxCard, { issuerKeysUrl, roots }: Origin) => ({
    baseUrl,
    tokenUrl: `${baseUrl}/oauth2/token`,
    clientId,
    clientSecret,
    personId,
    cardId: names["native"] ?? "",
    issuerKeysUrl,
    roots,
  }),
  sealedMessages: [{ path: /native\/v1\/operations$/, purpose: "native-hpke" }],
  change: {
    cardOf: ({ url, body }) => {
      const { op, card } = url.endsWith("/operations") ? claimsOf(parsed(body).session) : {};
      return op === "pin-change" ? card.ref : null;
    },
    moveTo: (message, card) => (isSessionFor(message, "pin-change") ? withMember(message, "card", card) : null),
    // Signed, but by nobody whose key the issuer's root vouches for.
    success: {
      status: 200,
      body: JSON.stringify({ answer: `${encode(forgedHeader)}.${encode({ result: "changed" })}.AA` }),
    },
  },
  binding: {
    bindInstead: (message, own) => {
      const { kty, crv, x, y } = own.export({ format: "jwk" });
      return isSessionFor(message, "bind")
        ? { message: withMember(message, "key", { kty, crv, x, y }), proof: null }
        : null;
    },
  },
} as const satisfies SandboxProtocol;
