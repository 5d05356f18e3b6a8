import { fixedId } from "../fixed-identifiers.ts";
import type { Origin, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const [clientId, clientSecret] = ["sandbox-native", "sandbox-native-secret"];

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
} as const satisfies SandboxProtocol;
