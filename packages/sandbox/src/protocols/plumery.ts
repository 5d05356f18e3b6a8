import { clientPublicKeyHeader } from "@linchpin/protocols/plumery/wire";
import { fixedId } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
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
  explain: async (_context, { code, field }, { headers }) => {
    const text = headers[clientPublicKeyHeader.toLowerCase()]?.toString();
    if (code !== "public_key_unusable" || field !== clientPublicKeyHeader || text === undefined) return null;
    return explainBy(mistakes.publicKey, { text, encoding: "base64" });
  },
} as const satisfies SandboxProtocol;
