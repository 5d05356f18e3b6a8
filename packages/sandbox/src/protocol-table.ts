import { adyen } from "./protocols/adyen.ts";
import { lithic } from "./protocols/lithic.ts";
import { native } from "./protocols/native.ts";
import { plumery } from "./protocols/plumery.ts";
import { solaris } from "./protocols/solaris.ts";
import { spritz } from "./protocols/spritz.ts";
import { stripe } from "./protocols/stripe.ts";
import { venly } from "./protocols/venly.ts";
import { worldline } from "./protocols/worldline.ts";
import type { SandboxProtocol } from "./sandbox-protocol.ts";

const rows = [solaris, adyen, plumery, venly, stripe, spritz, lithic, worldline, native] as const;
type Row = (typeof rows)[number];

/** Every protocol that the sandbox shows. */
export const sandboxProtocols: readonly SandboxProtocol[] = rows;

/** The protocol of a message to this URL of the issuer's. */
export function protocolAt(url: string): SandboxProtocol | undefined {
  const { pathname } = new URL(url);
  return sandboxProtocols.find(({ name }) => pathname.startsWith(`/${name}/`));
}

/** The one mobile number whose OTP is published. */
export const { fixedOtp } = solaris;

/** What `GET /sandbox` answers: a member a protocol, and the issuer API's. */
export type SandboxDescription = {
  readonly [Protocol in Row as Protocol["name"]]: Readonly<ReturnType<Protocol["describe"]>>;
} & { readonly issuer: { readonly baseUrl: string; readonly apiKey: string; readonly cardId: string } };
