import { answerChallenge, makeBindDeviceRequest } from "@linchpin/protocols/solaris/device";
import type { BindDeviceReply } from "@linchpin/protocols/solaris/wire";
import { type Command, Option } from "commander";
import { askCode } from "../../ask-code.ts";
import { makeDeviceKey, openDeviceKey } from "../../device-key.ts";
import { findDevice, type KeyPurpose, writeDevice } from "../../device-state.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { connectPartner, sandboxUrl } from "../../partner-caller.ts";
import { findSandbox } from "../../sandbox.ts";
import { type DeviceOptions, withDeviceOptions } from "./device-options.ts";

interface BindOptions extends DeviceOptions {
  readonly person?: string;
  readonly card?: string;
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly otpFromSandbox?: true;
}

export function addBind(device: Command): void {
  withDeviceOptions(device.command("bind"))
    .description("make a key and bind it to a person, who proves it with the OTP that reaches them by SMS")
    .option("--person <id>", "person to bind to; default: the sandbox's")
    .option("--card <id>", "card account whose PIN this device changes; default: the sandbox's")
    .option("--name <name>", "what the person calls the device", "terminal")
    .addOption(new Option("--purpose <purpose>", "of its first key").choices(purposes).default("restricted"))
    .option("--otp-from-sandbox", "read the OTP from the sandbox's messages")
    .addHelpText(
      "after",
      "\nOnly a restricted key changes PINs.\n\nExample:\n  linchpin device bind --otp-from-sandbox",
    )
    .action(runBind);
}

const purposes: readonly KeyPurpose[] = ["restricted", "unrestricted"];

async function runBind(options: BindOptions): Promise<void> {
  if ((await findDevice(options.state)) !== null)
    throw new Failure(
      exitCodes.refused,
      `${options.state} holds a device already: \`linchpin device forget\` it, or name another file with --state`,
    );
  const cardholder = await cardholderOf(options);
  const partner = await connectPartner(options);
  const jwk = await makeDeviceKey();
  const key = await openDeviceKey(jwk);
  const { personId, mobileNumber } = cardholder;
  const bound = await partner.ask<BindDeviceReply>(
    "POST",
    "/v1/mfa/devices",
    makeBindDeviceRequest({ personId, key, key_purpose: options.purpose, name: options.name }),
  );
  const where = { fromSandbox: options.otpFromSandbox ?? false, sandboxUrl: sandboxUrl(options), mobileNumber };
  const answer = await answerChallenge(key, await askCode("OTP", where));
  await partner.ask("PUT", `/v1/mfa/challenges/signatures/${bound.challenge.id}`, answer);
  await writeDevice(options.state, {
    ...cardholder,
    solarisUrl: partner.baseUrl,
    deviceId: bound.id,
    keys: { [options.purpose]: jwk },
    changeRequestId: null,
  });
  if (options.json) return console.log(JSON.stringify({ deviceId: bound.id, personId, keyPurpose: options.purpose }));
  console.log(`bound device ${bound.id} with a key for ${options.purpose} use · now try: linchpin device change-pin`);
}

interface Cardholder {
  readonly personId: string;
  readonly cardAccountId: string;
  readonly mobileNumber: string | null;
}

/** As the options say, or the sandbox's one card. */
async function cardholderOf(options: BindOptions): Promise<Cardholder> {
  const { person, card } = options;
  const hasCredentials = options.clientId !== undefined && options.clientSecret !== undefined;
  const sandbox = hasCredentials && person !== undefined ? null : await findSandbox(sandboxUrl(options));
  const personId = person ?? sandbox?.solaris.personId;
  const cardAccountId = card ?? sandbox?.solaris.cardAccountId;
  if (personId === undefined || cardAccountId === undefined)
    throw new Failure(exitCodes.usage, "this issuer is no sandbox: say with --person and --card whose PIN it is about");
  const isSandboxPerson = personId === sandbox?.solaris.personId;
  return { personId, cardAccountId, mobileNumber: isSandboxPerson ? sandbox.solaris.mobileNumber : null };
}
