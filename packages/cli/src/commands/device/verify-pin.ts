import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeSealedPinRequest } from "@linchpin/protocols/sealed-pin/device";
import { type Command, Option } from "commander";
import { exitCodes } from "../../exit-codes.ts";
import { Ended, Failure } from "../../failure.ts";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { apiKeyOption } from "../../options.ts";
import { connectPartner, fetchIssuerKey, sandboxUrl } from "../../phone/solaris-partner.ts";
import { type RootsOptions, rootsOption } from "../../root-pins.ts";
import { findSandbox } from "../../sandbox.ts";
import { askPin } from "../../terminal/ask-pin.ts";
import { type PartnerAccess, withPartnerOptions } from "./device-options.ts";
import { pinStdinOption } from "./pin-options.ts";

interface VerifyOptions extends PartnerAccess, RootsOptions {
  readonly apiKey?: string;
  readonly cardId?: string;
  readonly pinStdin?: true;
}

export function addVerifyPin(device: Command, invocation: Invocation): void {
  withPartnerOptions(device.command("verify-pin"))
    .description("ask the issuer whether a PIN is the card's, as a payment terminal would")
    .addOption(apiKeyOption())
    .addOption(new Option("--card-id <id>", "the issuer's name of the card").env("LINCHPIN_CARD_ID"))
    .addOption(rootsOption())
    .addOption(pinStdinOption())
    .addHelpText("after", help)
    .action((options) => runVerifyPin(options, invocation));
}

const help = `
Exits with 0 when it is, with 1 when it is not or the PIN is blocked. A wrong one costs a try.
It is asked by the issuer API, with the PIN sealed to the key that Solaris' partners fetch.

Example:
  linchpin device verify-pin`;

interface Verification {
  readonly result: "match" | "mismatch" | "blocked";
  readonly remainingAttempts: number;
}

async function runVerifyPin(options: VerifyOptions, invocation: Invocation): Promise<void> {
  const cardId = options.cardId ?? (await findSandbox(sandboxUrl(options)))?.issuer.cardId;
  if (cardId === undefined)
    throw new Failure(exitCodes.usage, "this issuer is no sandbox: say with --card-id which card");
  const operator = await connectOperator(options);
  const issuerKey = await fetchIssuerKey(await connectPartner(options), options);
  const pin = await askPin({ fromStdin: options.pinStdin ?? false }, invocation);
  const request = await makeSealedPinRequest(webCryptoPrimitives, { pin, issuerKey }).finally(() => pin.wipe());
  const path = `/cards/${encodeURIComponent(cardId)}/pin/verify`;
  const verification = await operator.ask<Verification>("POST", path, request);
  invocation.console.log(options.json ? JSON.stringify(verification) : inWords(verification));
  if (verification.result !== "match") throw new Ended(exitCodes.refused);
}

function inWords({ result, remainingAttempts }: Verification): string {
  if (result === "match") return "it is the card's PIN";
  return result === "blocked" ? "the PIN is blocked" : `it is not the card's PIN, tries left: ${remainingAttempts}`;
}
