import { type LithicSandbox, lithicKeyPath, lithicKeyPurpose } from "@linchpin/protocols/lithic/issuer";
import { fixedId, sandboxProgramId } from "../fixed-identifiers.ts";
import type { SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const apiKey = "sandbox-lithic-key";

export const lithic = {
  name: "lithic",
  clientId: "sandbox-lithic",
  secret: apiKey,
  roles: [],
  fixedCardName: fixedId("lithic card"),
  describe: (baseUrl: string, { names }: SandboxCard) => ({
    baseUrl,
    publicKeyUrl: `${baseUrl}${lithicKeyPath}`,
    apiKey,
    cardToken: names["lithic"] ?? "",
  }),
  sealedMessages: [{ path: /\/lithic\/v1\/cards/, purpose: lithicKeyPurpose }],
  open: () => ({ forIssuer: { createdCardsProgramId: sandboxProgramId } satisfies LithicSandbox }),
} as const satisfies SandboxProtocol;
