import { type Command, Option } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { parseUrl } from "../options.ts";
import type { RootsOptions } from "../root-pins.ts";
import { findSandbox, type SandboxDescription } from "../sandbox.ts";

/** How a partner reaches a vendor's API by one secret, and the name that a card has there. */
export interface PartnerAccess {
  readonly baseUrl: string;
  readonly secret: string;
  readonly cardName: string;
}

/** The options by which that is told, and where a sandbox tells it. */
export interface AccessOptions {
  readonly url: AccessOption;
  readonly secret: AccessOption;
  readonly cardName: AccessOption;
  /** Where the API is below an issuer's origin, unless `url` says so. */
  readonly path: string;
  readonly inSandbox: (sandbox: SandboxDescription) => PartnerAccess;
}

/** What a command parsed: the options of `AccessOptions` too, by the names that commander gives them. */
export interface ParsedOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of where the API is. */
  readonly url: string;
}

interface AccessOption {
  readonly flags: string;
  readonly help: string;
  readonly variable: string;
}

export function variablesOf({ url, secret, cardName }: AccessOptions): string[] {
  return [url.variable, secret.variable, cardName.variable];
}

export function addAccessOptions(command: Command, { url, secret, cardName }: AccessOptions): Command {
  return command.addOption(optionOf(url).argParser(parseUrl)).addOption(optionOf(secret)).addOption(optionOf(cardName));
}

/** @throws Failure without the secret and the card's name, unless the issuer is a sandbox */
export async function findAccess(
  given: ParsedOptions,
  { url, secret, cardName, path, inSandbox }: AccessOptions,
): Promise<PartnerAccess> {
  const values = given as ParsedOptions & Readonly<Record<string, string | undefined>>;
  const valueGiven = (option: AccessOption) => values[optionOf(option).attributeName()];
  const [givenUrl, givenSecret, givenName] = [valueGiven(url), valueGiven(secret), valueGiven(cardName)];
  const isKnown = givenSecret !== undefined && givenName !== undefined;
  const sandbox = isKnown ? null : await findSandbox(givenUrl === undefined ? given.url : new URL(givenUrl).origin);
  const told = sandbox === null ? null : inSandbox(sandbox);
  const access = { secret: givenSecret ?? told?.secret, cardName: givenName ?? told?.cardName };
  if (access.secret === undefined || access.cardName === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      `this issuer is no sandbox: set ${secret.variable} and ${cardName.variable}`,
    );
  const baseUrl = givenUrl ?? told?.baseUrl ?? `${given.url}${path}`;
  return { baseUrl, secret: access.secret, cardName: access.cardName };
}

function optionOf({ flags, help, variable }: AccessOption): Option {
  return new Option(flags, help).env(variable);
}
