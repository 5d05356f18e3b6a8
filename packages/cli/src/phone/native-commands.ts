import { LinchpinError, type Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { type AcceptedSession, makeSealedMessage, type Secrets } from "@linchpin/protocols/native/device";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type PinOptions, pinStdinOption, withPinOptions } from "../commands/device/pin-options.ts";
import { type DeviceKeyJwk, makeDeviceKey, openDeviceKey } from "../device-key.ts";
import { forgetDevice } from "../device-state.ts";
import { exitCodes } from "../exit-codes.ts";
import { Ended, Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { jsonOption, urlOption } from "../options.ts";
import { rootsOption } from "../root-pins.ts";
import { askCode } from "../terminal/ask-code.ts";
import { askNewPin, askPin } from "../terminal/ask-pin.ts";
import { endHiding } from "../terminal/hide-typing.ts";
import { adyenCardOf, revealCard as revealByAdyen } from "./adyen.ts";
import {
  findNativeDevice,
  nativeStateFile,
  nativeStateOption,
  readNativeDevice,
  unansweredFile,
  writeNativeDevice,
} from "./native-device.ts";
import { openSession, settle } from "./native-exchange.ts";
import { type ConnectedCard, connectNative, type NativeOptions, withNativeOptions } from "./native-partner.ts";
import { checkPolicy, confirmCard, openPhone } from "./native-phone.ts";

interface CommandOptions extends NativeOptions {
  readonly json?: true;
  readonly pinStdin?: true;
}

interface CodeOptions extends CommandOptions {
  readonly person?: string;
  readonly cardDigits?: string;
  readonly otpFromSandbox?: true;
}

export function addNativeCommands(device: Command, invocation: Invocation): void {
  const native = device
    .command("native")
    .description("Linchpin's own protocol: a device is bound by a code, and trusts nobody but the issuer's roots")
    .addHelpText("after", help);
  addBind(native, invocation);
  addChangeByCode(native, invocation);
  addVerify(native, invocation);
  addShow(native, invocation);
  addForget(native, invocation);
}

const help = `
Once bound, the device changes and shows the PIN by the commands of every protocol:
  linchpin device change-pin --by native
  linchpin device reveal-pin --by native

Example:
  linchpin device native bind`;

function addBind(native: Command, invocation: Invocation): void {
  withCodeOptions(native.command("bind"))
    .addOption(pinStdinOption())
    .description("make a key and bind it, by a code and the last eight digits of the card's number")
    .addHelpText("after", `${codeHelp}\n\nExample:\n  linchpin device native bind --otp-from-sandbox --yes`)
    .action((options) => runBind(options, invocation));
}

const codeHelp = `
The operator prints the file of --roots with \`linchpin root show --pins\`. A sandbox tells its own roots.`;

async function runBind(options: CodeOptions, invocation: Invocation): Promise<void> {
  endHiding(invocation); // a PIN is asked for last, if at all
  const file = nativeStateFile(options, invocation);
  if ((await findNativeDevice(file)) !== null)
    throw new Failure(
      exitCodes.refused,
      `${file} holds a device already: \`linchpin device native forget\` it, or name another file with --native-state`,
    );
  const card = await connectNative(options);
  const unanswered = await findNativeDevice(unansweredFile(file));
  const prepare = async (jwk: DeviceKeyJwk) => {
    const key = await openDeviceKey(jwk);
    const wish = { op: "bind", auth: "code", card: card.cardId, key } as const;
    return { jwk, key, session: await openSession(card, wish, null) };
  };
  const { jwk, key, session } = await prepare(unanswered?.key ?? (await makeDeviceKey())).catch(async (error) => {
    const isUnbound = error instanceof Failure && error.refusedBy === "device_key_exists";
    if (unanswered === null || !isUnbound) throw error;
    return prepare(await makeDeviceKey()); // The other one was bound, and unbound since: it is never bound again.
  });
  await confirmCard(session, options, invocation);
  const typed = await askForCode(card, options, invocation);
  const present = session.claims.presentPin
    ? await askPin({ fromStdin: options.pinStdin ?? false }, invocation)
    : undefined;
  const { iss, sub, device } = session.claims;
  const thumbprint = device as string;
  const { cardId, partner } = card;
  const { seq } = session.manifest;
  const binding = { nativeUrl: partner.baseUrl, cardId, iss, sub, thumbprint, seq, key: jwk };
  await writeNativeDevice(unansweredFile(file), binding);
  try {
    const secrets: Secrets = { ...typed, ...(present && { pin: present }) };
    await settle(card, session, await makeSealedMessage(webCryptoPrimitives, session, secrets, key));
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "pin_refused")
      throw new Failure(exitCodes.refused, "that is not the card's PIN: one of its tries is used");
    throw error;
  } finally {
    present?.wipe();
  }
  await writeNativeDevice(file, binding);
  await forgetDevice(unansweredFile(file));
  if (options.json) return invocation.console.log(JSON.stringify({ thumbprint, cardId }));
  invocation.console.log(`bound device ${thumbprint} · now try: linchpin device change-pin --by native`);
}

function addChangeByCode(native: Command, invocation: Invocation): void {
  withPinOptions(withCodeOptions(native.command("change-by-code")))
    .description("change the PIN without a bound device, where the card's program allows it")
    .addHelpText("after", `${codeHelp}\n\nExample:\n  linchpin device native change-by-code --otp-from-sandbox --yes`)
    .action((options) => runChangeByCode(options, invocation));
}

async function runChangeByCode(options: CodeOptions & PinOptions, invocation: Invocation): Promise<void> {
  const card = await connectNative(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  try {
    const session = await openSession(card, { op: "pin-change", auth: "code", card: card.cardId }, null);
    if (options.check) checkPolicy(session, pin);
    await confirmCard(session, options, invocation);
    const typed = await askForCode(card, options, invocation);
    await settle(card, session, await makeSealedMessage(webCryptoPrimitives, session, { ...typed, pin }));
  } finally {
    pin.wipe();
  }
  const { cardId } = card;
  invocation.console.log(options.json ? JSON.stringify({ cardId, changed: true }) : "the PIN is changed");
}

function addVerify(native: Command, invocation: Invocation): void {
  withNativeOptions(withWay(native.command("verify-pin")))
    .addOption(pinStdinOption())
    .description("ask the issuer whether a PIN is the card's, as the bound device")
    .addHelpText("after", verifyHelp)
    .action((options) => runVerify(options, invocation));
}

const verifyHelp = `
Exits with 0 when it is, with 1 when it is not or the PIN is blocked. A wrong one costs a try.

Example:
  linchpin device native verify-pin`;

async function runVerify(options: CommandOptions, invocation: Invocation): Promise<void> {
  const phone = await openPhone(options, invocation);
  const pin = await askPin({ fromStdin: options.pinStdin ?? false }, invocation);
  const outcome = await verify(phone, pin, options, invocation).finally(() => pin.wipe());
  const { result } = outcome;
  const remaining = result === "mismatch" ? outcome.remaining : undefined;
  invocation.console.log(options.json ? JSON.stringify({ result, remaining }) : inWords(result, remaining));
  if (result !== "match") throw new Ended(exitCodes.refused);
}

async function verify(
  phone: Awaited<ReturnType<typeof openPhone>>,
  pin: Pin,
  options: CommandOptions,
  invocation: Invocation,
) {
  const session: AcceptedSession = await phone.openSession("pin-verify");
  await confirmCard(session, options, invocation);
  const message = await makeSealedMessage(webCryptoPrimitives, session, { pin }, phone.key);
  return settle(phone.card, session, message);
}

function inWords(result: string, remaining: number | undefined): string {
  if (result === "match") return "it is the card's PIN";
  return result === "blocked" ? "the PIN is blocked" : `it is not the card's PIN, tries left: ${remaining}`;
}

function addShow(native: Command, invocation: Invocation): void {
  native
    .command("show")
    .addOption(nativeStateOption())
    .addOption(jsonOption())
    .description("show what the device knows, but for its private key")
    .addHelpText("after", "\nExample:\n  linchpin device native show --json")
    .action((options) => runShow(options, invocation));
}

async function runShow(options: CommandOptions, invocation: Invocation): Promise<void> {
  const file = nativeStateFile(options, invocation);
  const { key: _, ...shown } = { ...(await readNativeDevice(file)), file };
  if (options.json) return invocation.console.log(JSON.stringify(shown));
  for (const [name, value] of Object.entries(shown)) invocation.console.log(`${name.padEnd(16)} ${value}`);
}

function addForget(native: Command, invocation: Invocation): void {
  native
    .command("forget")
    .addOption(nativeStateOption())
    .addOption(jsonOption())
    .description("take the device's key from this terminal; the issuer knows it until the operator unbinds it")
    .addHelpText("after", forgetHelp)
    .action((options) => runForget(options, invocation));
}

const forgetHelp = `
The operator unbinds it by DELETE /issuer/v1/persons/{id}/keys/{thumbprint}, which \`show\` tells before.

Example:
  linchpin device native forget`;

async function runForget(options: CommandOptions, invocation: Invocation): Promise<void> {
  const file = nativeStateFile(options, invocation);
  const { thumbprint } = await readNativeDevice(file);
  await forgetDevice(file);
  invocation.console.log(options.json ? JSON.stringify({ thumbprint, forgotten: true }) : `forgot ${thumbprint}`);
}

const withWay = (command: Command) => command.addOption(urlOption()).addOption(rootsOption()).addOption(jsonOption());

function withCodeOptions(command: Command): Command {
  return withNativeOptions(withWay(command))
    .option("--person <id>", "a person of the sandbox's; default: its own")
    .addOption(
      new Option("--card-digits <digits>", "the last eight digits of the card's number").argParser(parseDigits),
    )
    .option("--otp-from-sandbox", "read the code from the sandbox's messages, and the digits by Adyen's protocol");
}

function parseDigits(text: string): string {
  if (!/^\d{8}$/.test(text)) throw new InvalidArgumentError("It must be eight digits.");
  return text;
}

/** What only the person has: the code that reached them, and the card. */
async function askForCode(
  { sandbox, partner }: ConnectedCard,
  { otpFromSandbox, cardDigits }: CodeOptions,
  invocation: Invocation,
): Promise<{ code: string; digits: string }> {
  const fromSandbox = otpFromSandbox ?? false;
  const where = {
    fromSandbox,
    sandboxUrl: new URL(partner.baseUrl).origin,
    mobileNumber: sandbox?.solaris.mobileNumber ?? null,
  };
  const code = await askCode("OTP", where, invocation);
  if (cardDigits !== undefined) return { code, digits: cardDigits };
  if (fromSandbox && sandbox !== null)
    return { code, digits: (await revealByAdyen(adyenCardOf(sandbox.adyen))).pan.slice(-8) };
  const { input } = await import("@inquirer/prompts");
  const message = "The last eight digits of the card's number:";
  const digits = await input({ message, required: true }, { input: invocation.stdin, output: invocation.stderr });
  return { code, digits: digits.trim() };
}
