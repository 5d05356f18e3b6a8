import type { StripeSandbox } from "@linchpin/protocols/stripe/issuer";
import { fixedHex, sandboxProgramId } from "../fixed-identifiers.ts";
import type { SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const apiKey = "sk_test_sandbox";

export const stripe = {
  name: "stripe",
  clientId: "sandbox-stripe",
  secret: apiKey,
  roles: [],
  fixedCardName: `ic_${fixedHex("stripe card")}`,
  describe: (baseUrl: string, { names }: SandboxCard) => ({
    baseUrl,
    keysUrl: `${baseUrl}/v1/keys`,
    apiKey,
    cardId: names["stripe"] ?? "",
  }),
  sealedMessages: [{ path: /\/stripe\/v1\/issuing\/cards/, purpose: "stripe-pin" }],
  /** Until a PIN is set, the vendor's test mode has 0000, which no policy is asked about. */
  open: () => ({
    forIssuer: { createdCardsProgramId: sandboxProgramId, firstPin: "0000" } satisfies StripeSandbox,
  }),
} as const satisfies SandboxProtocol;
