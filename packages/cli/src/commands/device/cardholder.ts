import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { sandboxUrl } from "../../phone/solaris-partner.ts";
import { findSandbox, findSandboxPerson } from "../../sandbox.ts";
import type { DeviceOptions } from "./device-options.ts";

interface Cardholder {
  readonly personId: string;
  readonly cardAccountId: string | null;
  readonly mobileNumber: string | null;
}

/**
 * As the options say; what they leave out, a sandbox knows: its own person, or the card and the number of a person of
 * its own that is named.
 * @throws Failure when neither names a person
 */
export async function cardholderOf(options: DeviceOptions & { person?: string; card?: string }): Promise<Cardholder> {
  const { person, card } = options;
  const hasCredentials = options.clientId !== undefined && options.clientSecret !== undefined;
  const url = sandboxUrl(options);
  const sandbox = hasCredentials && person !== undefined ? null : await findSandbox(url);
  if (sandbox === null) {
    if (person === undefined)
      throw new Failure(exitCodes.usage, "this issuer is no sandbox: say with --person who it is about");
    return { personId: person, cardAccountId: card ?? null, mobileNumber: null };
  }
  const isOwn = person === undefined || person === sandbox.solaris.personId;
  const known = isOwn ? sandbox : await findSandboxPerson(url, person);
  // The issuer itself refuses a person whom it does not know.
  if (known === null) return { personId: String(person), cardAccountId: card ?? "", mobileNumber: null };
  const { personId, cardAccountId, mobileNumber } = known.solaris;
  return { personId, cardAccountId: card ?? cardAccountId, mobileNumber };
}
