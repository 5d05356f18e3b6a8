import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { sandboxUrl } from "../../phone/solaris-partner.ts";
import { findSandbox } from "../../sandbox.ts";
import type { DeviceOptions } from "./device-options.ts";

interface Cardholder {
  readonly personId: string;
  readonly cardAccountId: string | null;
  readonly mobileNumber: string | null;
}

/** As the options say, or the sandbox's one person and card. @throws Failure when neither names a person */
export async function cardholderOf(options: DeviceOptions & { person?: string; card?: string }): Promise<Cardholder> {
  const { person, card } = options;
  const hasCredentials = options.clientId !== undefined && options.clientSecret !== undefined;
  const sandbox = hasCredentials && person !== undefined ? null : await findSandbox(sandboxUrl(options));
  const personId = person ?? sandbox?.solaris.personId;
  if (personId === undefined)
    throw new Failure(exitCodes.usage, "this issuer is no sandbox: say with --person who it is about");
  const isSandboxPerson = personId === sandbox?.solaris.personId;
  return {
    personId,
    cardAccountId: card ?? sandbox?.solaris.cardAccountId ?? null,
    mobileNumber: isSandboxPerson ? sandbox.solaris.mobileNumber : null,
  };
}
