import { tokenPath } from "@linchpin/protocols/venly/wire";
import type { SandboxProtocol } from "../sandbox-protocol.ts";

const [clientId, clientSecret] = ["sandbox-venly", "sandbox-venly-secret"];

export const venly = {
  name: "venly",
  clientId,
  secret: clientSecret,
  roles: [],
  fixedCardName: null,
  describe: (baseUrl: string) => ({ baseUrl, tokenUrl: `${baseUrl}${tokenPath}`, clientId, clientSecret }),
  sealedMessages: [{ path: /venly\/api\//, purpose: "venly" }],
} as const satisfies SandboxProtocol;
