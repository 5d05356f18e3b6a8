import type { ActivationReply, ActivationRequest } from "@linchpin/protocols/solaris/wire";
import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectPartner } from "../../phone/solaris-partner.ts";
import { cardholderOf } from "./cardholder.ts";
import { type DeviceOptions, withDeviceOptions } from "./device-options.ts";

interface LetterOptions extends DeviceOptions {
  readonly person?: string;
  readonly again?: true;
}

export function addRequestLetter(device: Command, invocation: Invocation): void {
  withDeviceOptions(device.command("request-letter"), invocation)
    .description("have a letter sent to a person, with an activation code that binds one device")
    .option("--person <id>", "whom to write to; default: the sandbox's")
    .option("--again", "even if they have a valid code, which ends by it")
    .addHelpText("after", help)
    .action((options) => runRequestLetter(options, invocation));
}

const help = `
Example:
  linchpin device request-letter && linchpin device bind --challenge activation-code`;

async function runRequestLetter(options: LetterOptions, { console }: Invocation): Promise<void> {
  const { personId } = await cardholderOf(options);
  const partner = await connectPartner(options);
  const request: ActivationRequest = {
    person_id: personId,
    origin: "MOBILE_APP",
    purpose: "DEVICE_BINDING",
    delivery_method: "SNAILMAIL",
    invalidate_existing_code: options.again ?? false,
  };
  const { id, expires_at: expiresAt } = await partner.ask<ActivationReply>(
    "POST",
    "/v1/mfa/challenges/activation",
    request,
  );
  if (options.json) return console.log(JSON.stringify({ id, personId, expiresAt }));
  console.log(`a letter is on its way · its code binds: linchpin device bind --challenge activation-code`);
}
