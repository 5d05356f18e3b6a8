import { type Command, Option } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { parseUrl } from "../options.ts";
import { pinsOfSandbox, type RootsOptions, readRootPins } from "../root-pins.ts";
import { findSandbox, findSandboxPerson, type SandboxDescription } from "../sandbox.ts";
import { authenticateByForm } from "./client-credentials.ts";
import { nativeStateOption } from "./native-device.ts";
import type { NativeCard } from "./native-exchange.ts";

export interface NativeOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `nativeUrl`. */
  readonly url: string;
  readonly nativeUrl?: string;
  readonly nativeTokenUrl?: string;
  readonly nativeClientId?: string;
  readonly nativeClientSecret?: string;
  readonly nativeCard?: string;
  readonly nativeState?: string;
  readonly yes?: true;
}

/** As `connectNative` reads them, and where the device keeps its key. */
export function withNativeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--native-url <url>", "base of the native protocol; a sandbox tells its own")
        .env("LINCHPIN_NATIVE_URL")
        .argParser(parseUrl),
    )
    .addOption(
      new Option("--native-token-url <url>", "where tokens are; default: below --native-url")
        .env("LINCHPIN_NATIVE_TOKEN_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--native-client-id <id>", "the partner's client id").env("LINCHPIN_NATIVE_CLIENT_ID"))
    .addOption(
      new Option("--native-client-secret <secret>", "better in the environment").env("LINCHPIN_NATIVE_CLIENT_SECRET"),
    )
    .addOption(
      new Option("--native-card <id>", "the card's name in the native protocol; default: the bound one").env(
        "LINCHPIN_NATIVE_CARD",
      ),
    )
    .addOption(nativeStateOption())
    .option("--yes", "do not ask whether it is the right card");
}

/** A card, and where a sandbox knows its holder: the messages and the other protocols' names. */
export interface ConnectedCard extends NativeCard {
  readonly sandbox: SandboxDescription | null;
}

/**
 * By the options; what they leave out, a sandbox knows, its roots too.
 * @param bound what the device kept of its card
 * @throws Failure without credentials, roots and a card, unless the issuer is a sandbox
 */
export async function connectNative(
  { url, person, ...options }: NativeOptions & { readonly person?: string },
  bound: { readonly nativeUrl: string; readonly cardId: string } | null = null,
): Promise<ConnectedCard> {
  const { nativeClientId: clientId, nativeClientSecret: clientSecret } = options;
  const nativeUrl = options.nativeUrl ?? bound?.nativeUrl;
  const origin = nativeUrl === undefined ? url : new URL(nativeUrl).origin;
  const hasCredentials = clientId !== undefined && clientSecret !== undefined;
  const given = await readRootPins(options);
  const cardName = options.nativeCard ?? bound?.cardId;
  const isKnown = hasCredentials && given !== null && cardName !== undefined && person === undefined;
  const sandbox = isKnown ? null : await findCard(origin, person);
  if (sandbox === null && !hasCredentials)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer wants a partner's credentials: set LINCHPIN_NATIVE_CLIENT_ID and LINCHPIN_NATIVE_CLIENT_SECRET",
    );
  const pins = given ?? (sandbox && pinsOfSandbox(sandbox));
  if (pins === null)
    throw new Failure(
      exitCodes.usage,
      "the native protocol wants the issuer's roots: give --roots with the file that the operator prints with `linchpin root show --pins`",
    );
  const cardId = cardName ?? sandbox?.native.cardId;
  if (cardId === undefined)
    throw new Failure(exitCodes.usage, "this issuer is no sandbox: say with --native-card whose PIN it is about");
  const baseUrl = nativeUrl ?? sandbox?.native.baseUrl ?? `${url}/native/v1`;
  const client = hasCredentials ? { clientId, clientSecret } : sandbox?.native;
  const tokenUrl = options.nativeTokenUrl ?? `${baseUrl}/oauth2/token`;
  const partner = await authenticateByForm({ baseUrl, tokenUrl, clientId: "", clientSecret: "", ...pick(client) });
  return { partner, pins, cardId, sandbox };
}

const pick = (client: { clientId: string; clientSecret: string } | undefined) =>
  client && { clientId: client.clientId, clientSecret: client.clientSecret };

async function findCard(origin: string, person: string | undefined): Promise<SandboxDescription | null> {
  const sandbox = await findSandbox(origin);
  if (sandbox === null || person === undefined) return sandbox;
  const known = await findSandboxPerson(origin, person);
  if (known === null) throw new Failure(exitCodes.refused, `the sandbox has no person ${person}`);
  return known;
}
