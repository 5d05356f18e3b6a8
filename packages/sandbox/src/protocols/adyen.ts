import { fixedHex } from "../fixed-identifiers.ts";
import type { SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const apiKey = "sandbox-adyen-key";

export const adyen = {
  name: "adyen",
  clientId: "sandbox-adyen",
  secret: apiKey,
  roles: ["pin_change", "pin_reveal", "pan_reveal"],
  fixedCardName: `PI${fixedHex("adyen card").toUpperCase().slice(0, 23)}`,
  describe: (baseUrl: string, { names }: SandboxCard) => ({
    baseUrl,
    apiKey,
    paymentInstrumentId: names["adyen"] ?? "",
  }),
  answerFaults: { path: /\/pins\/change$/, pending: { status: "pending" } },
  sealedMessages: [
    { path: /pins\/change$/, purpose: "adyen-pin-change" },
    { path: /pins\/reveal$/, purpose: "adyen-pin-reveal" },
  ],
} as const satisfies SandboxProtocol;
