import { fixedId } from "../fixed-identifiers.ts";
import type { SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const bearerToken = "sandbox-plumery-token";

export const plumery = {
  name: "plumery",
  clientId: "sandbox-plumery",
  secret: bearerToken,
  roles: [],
  fixedCardName: fixedId("plumery card"),
  describe: (baseUrl: string, { names }: SandboxCard) => ({ baseUrl, bearerToken, cardToken: names["plumery"] ?? "" }),
  sealedMessages: [],
} as const satisfies SandboxProtocol;
