import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealUserRequest } from "@linchpin/protocols/venly/device";
import type { UserReply } from "@linchpin/protocols/venly/wire";
import type { Command } from "commander";
import { askNewPin } from "../../../ask-pin.ts";
import type { Invocation } from "../../../invocation.ts";
import { connectVenly } from "../../../venly-caller.ts";
import { type SigningOptions, withSigningOptions } from "./venly-options.ts";

export function addEnroll(venly: Command, invocation: Invocation): void {
  withSigningOptions(venly.command("enroll"))
    .description("make a user whose signing method is a PIN of six digits")
    .option("--reference <text>", "the partner's name of the user", "terminal")
    .addHelpText("after", "\nExample:\n  linchpin device venly enroll --reference alice")
    .action((options) => runEnroll(options, invocation));
}

async function runEnroll(options: SigningOptions & { reference: string }, invocation: Invocation): Promise<void> {
  const partner = await connectVenly(options);
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/api/security"));
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  const signingMethod = { type: "PIN", value: pin.asciiDigits() } as const;
  const request = await sealUserRequest(webCryptoPrimitives, issuerKey, {
    reference: options.reference,
    signingMethod,
  }).finally(() => pin.wipe());
  const { result: user } = await partner.ask<UserReply>("POST", "/api/users", request);
  const methodId = user.signingMethods[0]?.id;
  if (options.json) return invocation.console.log(JSON.stringify({ userId: user.id, methodId }));
  invocation.console.log(
    `made user ${user.id} · now try: linchpin device venly transfer --method ${methodId} --to 0x… --value 1`,
  );
}
