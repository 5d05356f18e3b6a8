import { tokenPath } from "@linchpin/protocols/venly/wire";
import { adyenRoles } from "@linchpin/server/issuer";
import type { SandboxCard } from "./seed.ts";

/** What the sandbox shows of a protocol: a member of `GET /sandbox`. */
export interface SandboxProtocol {
  /** As in `protocol-table.ts`. */
  readonly name: string;
  /** The sandbox partner's credential. Known to everyone. */
  readonly clientId: string;
  readonly secret: string;
  readonly roles: readonly string[];
  /** How an integrator reaches this card. `baseUrl` is the origin with the protocol's base path. */
  readonly describe: (baseUrl: string, card: SandboxCard) => Readonly<Record<string, string>>;
}

export const sandboxProtocols: readonly SandboxProtocol[] = [
  {
    name: "solaris",
    clientId: "sandbox-solaris",
    secret: "sandbox-solaris-secret",
    roles: [],
    describe: (baseUrl, card) => ({
      baseUrl,
      clientId: "sandbox-solaris",
      clientSecret: "sandbox-solaris-secret",
      personId: card.personId,
      cardAccountId: card.names["solaris"] ?? "",
      mobileNumber: card.mobileNumber,
    }),
  },
  {
    name: "adyen",
    clientId: "sandbox-adyen",
    secret: "sandbox-adyen-key",
    roles: adyenRoles,
    describe: (baseUrl, card) => ({
      baseUrl,
      apiKey: "sandbox-adyen-key",
      paymentInstrumentId: card.names["adyen"] ?? "",
    }),
  },
  {
    name: "plumery",
    clientId: "sandbox-plumery",
    secret: "sandbox-plumery-token",
    roles: [],
    describe: (baseUrl, card) => ({
      baseUrl,
      bearerToken: "sandbox-plumery-token",
      cardToken: card.names["plumery"] ?? "",
    }),
  },
  {
    name: "venly",
    clientId: "sandbox-venly",
    secret: "sandbox-venly-secret",
    roles: [],
    describe: (baseUrl) => ({
      baseUrl,
      tokenUrl: `${baseUrl}${tokenPath}`,
      clientId: "sandbox-venly",
      clientSecret: "sandbox-venly-secret",
    }),
  },
];
