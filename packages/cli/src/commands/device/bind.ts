import { makeBindDeviceRequest, signCode } from "@linchpin/protocols/solaris/device";
import type { BindDeviceReply } from "@linchpin/protocols/solaris/wire";
import { type Command, Option } from "commander";
import { makeDeviceKey, openDeviceKey } from "../../device-key.ts";
import { findDevice, type KeyPurpose, writeDevice } from "../../device-state.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import type { Invocation } from "../../invocation.ts";
import { connectPartner, sandboxUrl } from "../../phone/solaris-partner.ts";
import { askCode } from "../../terminal/ask-code.ts";
import { cardholderOf } from "./cardholder.ts";
import { type DeviceOptions, withDeviceOptions } from "./device-options.ts";

interface BindOptions extends DeviceOptions {
  readonly person?: string;
  readonly card?: string;
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly challenge: "otp" | "activation-code";
  readonly otpFromSandbox?: true;
}

export function addBind(device: Command, invocation: Invocation): void {
  withDeviceOptions(device.command("bind"), invocation)
    .description("make a key and bind it to a person, who proves it with a code that reaches them")
    .option("--person <id>", "person to bind to; default: the sandbox's")
    .option("--card <id>", "card account whose PIN this device changes; default: the sandbox's")
    .option("--name <name>", "what the person calls the device", "terminal")
    .addOption(new Option("--purpose <purpose>", "of its first key").choices(purposes).default("restricted"))
    .addOption(new Option("--challenge <what>", "code that proves it").choices(challenges).default("otp"))
    .option("--otp-from-sandbox", "read the code from the sandbox's messages")
    .addHelpText("after", help)
    .action((options) => runBind(options, invocation));
}

const purposes: readonly KeyPurpose[] = ["restricted", "unrestricted"];
const challenges: readonly BindOptions["challenge"][] = ["otp", "activation-code"];

const help = `
Only a restricted key changes PINs. The OTP comes by SMS at once; an activation code by letter, which
\`linchpin device request-letter\` asks for.

Example:
  linchpin device bind --otp-from-sandbox`;

async function runBind(options: BindOptions, invocation: Invocation): Promise<void> {
  if ((await findDevice(options.state)) !== null)
    throw new Failure(
      exitCodes.refused,
      `${options.state} holds a device already: \`linchpin device forget\` it, or name another file with --state`,
    );
  const { personId, cardAccountId, mobileNumber } = await cardholderOf(options);
  if (cardAccountId === null)
    throw new Failure(exitCodes.usage, "this issuer is no sandbox: say with --card whose PIN it is about");
  const partner = await connectPartner(options);
  const jwk = await makeDeviceKey();
  const key = await openDeviceKey(jwk);
  const byLetter = options.challenge === "activation-code";
  const challenge_type = byLetter ? "activation_code" : "sms";
  const bound = await partner.ask<BindDeviceReply>(
    "POST",
    "/v1/mfa/devices",
    makeBindDeviceRequest({ personId, key, challenge_type, key_purpose: options.purpose, name: options.name }),
  );
  const where = { fromSandbox: options.otpFromSandbox ?? false, sandboxUrl: sandboxUrl(options), mobileNumber };
  const answer = await signCode(key, await askCode(byLetter ? "activation code" : "OTP", where, invocation));
  await partner.ask("PUT", `/v1/mfa/challenges/signatures/${bound.challenge.id}`, answer);
  await writeDevice(options.state, {
    personId,
    cardAccountId,
    mobileNumber,
    solarisUrl: partner.baseUrl,
    deviceId: bound.id,
    keys: { [options.purpose]: jwk },
    changeRequestId: null,
  });
  if (options.json)
    return invocation.console.log(JSON.stringify({ deviceId: bound.id, personId, keyPurpose: options.purpose }));
  invocation.console.log(
    `bound device ${bound.id} with a key for ${options.purpose} use · now try: linchpin device change-pin`,
  );
}
