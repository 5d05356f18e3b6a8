import { utf8 } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makeEncryptedSigningMethod,
  sealUserRequest,
  venlyKey,
} from "@linchpin/protocols/venly/device";
import type { UserReply } from "@linchpin/protocols/venly/wire";
import { type Command, InvalidArgumentError, Option } from "commander";
import { pinStdinOption } from "../commands/device/pin-options.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { jsonOption, parseUrl, urlOption } from "../options.ts";
import { checkIssuerKey, type RootsOptions, readRootPins, rootsOption } from "../root-pins.ts";
import { findSandbox } from "../sandbox.ts";
import { askNewPin, askPin } from "../terminal/ask-pin.ts";
import { authenticateByForm } from "./client-credentials.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** A user's own signing method, which is no card's PIN. */
export const venly: PhoneProtocol = {
  name: "venly",
  title: "Venly",
  variables: ["LINCHPIN_VENLY_URL", "LINCHPIN_VENLY_CLIENT_ID", "LINCHPIN_VENLY_CLIENT_SECRET"],
  withOptions,
  changePin: null,
  revealPin: null,
  revealCard: null,
  addCommands,
};

function addCommands(device: Command, invocation: Invocation): void {
  const venly = device
    .command("venly")
    .description("a user's signing method, which authorizes requests")
    .addHelpText("after", help);
  addEnroll(venly, invocation);
  addTransfer(venly, invocation);
}

const help = `
Example:
  linchpin device venly enroll`;

function addEnroll(venly: Command, invocation: Invocation): void {
  withSigningOptions(venly.command("enroll"))
    .description("make a user whose signing method is a PIN of six digits")
    .option("--reference <text>", "the partner's name of the user", "terminal")
    .addHelpText("after", "\nExample:\n  linchpin device venly enroll --reference alice")
    .action((options) => runEnroll(options, invocation));
}

async function runEnroll(options: SigningOptions & { reference: string }, invocation: Invocation): Promise<void> {
  const partner = await connectVenly(options);
  const issuerKey = await fetchIssuerKey(partner, options);
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

interface TransferOptions extends SigningOptions {
  readonly method: string;
  readonly wallet: string;
  readonly to: string;
  readonly value: number;
}

function addTransfer(venly: Command, invocation: Invocation): void {
  withSigningOptions(venly.command("transfer"))
    .description("send a transfer that the user's PIN authorizes, once and for this transfer alone")
    .addOption(
      new Option("--method <id>", "the signing method, as `enroll` told it")
        .env("LINCHPIN_VENLY_METHOD")
        .makeOptionMandatory(),
    )
    .option("--wallet <id>", "wallet that pays", "terminal")
    .requiredOption("--to <address>", "whom it pays")
    .requiredOption("--value <amount>", "how much", parseAmount)
    .addHelpText("after", "\nExample:\n  linchpin device venly transfer --method 5fe1… --to 0x8D63… --value 1")
    .action((options) => runTransfer(options, invocation));
}

async function runTransfer(options: TransferOptions, invocation: Invocation): Promise<void> {
  const partner = await connectVenly(options);
  const issuerKey = await fetchIssuerKey(partner, options);
  const { wallet: walletId, to, value } = options;
  const body = utf8(
    JSON.stringify({ transactionRequest: { type: "TRANSFER", secretType: "MATIC", walletId, to, value } }),
  );
  const pin = await askPin({ fromStdin: options.pinStdin ?? false }, invocation);
  const header = await makeEncryptedSigningMethod(webCryptoPrimitives, issuerKey, {
    method: { id: options.method, value: pin.asciiDigits() },
    body,
  }).finally(() => pin.wipe());
  const { result } = await partner.ask<TransferReply>("POST", "/api/transactions/execute", body, {
    "encrypted-signing-method": header,
  });
  invocation.console.log(options.json ? JSON.stringify(result) : `sent as ${result.transactionHash}`);
}

/** With `--roots` only if they vouch for it. */
async function fetchIssuerKey(partner: HttpCaller, options: RootsOptions): Promise<IssuerKey> {
  const pins = await readRootPins(options);
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/api/security"));
  await checkIssuerKey(pins, partner, { ...venlyKey, key: { spki: issuerKey.spki } });
  return issuerKey;
}

/** Of the upstream that the operator configures. */
interface TransferReply {
  readonly result: { readonly transactionHash: string };
}

function parseAmount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("It must be a decimal number.");
  return Number(text);
}

interface SigningOptions extends VenlyOptions, RootsOptions {
  readonly pinStdin?: true;
  readonly json?: true;
}

/** What every command of `device venly` takes. */
function withSigningOptions(command: Command): Command {
  return withOptions(command.addOption(urlOption()))
    .addOption(rootsOption())
    .addOption(pinStdinOption())
    .addOption(jsonOption());
}

/** As `connectVenly` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--venly-url <url>", "base of Venly's API; a sandbox tells its own")
        .env("LINCHPIN_VENLY_URL")
        .argParser(parseUrl),
    )
    .addOption(
      new Option("--venly-token-url <url>", "where tokens are; default: below --venly-url")
        .env("LINCHPIN_VENLY_TOKEN_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--venly-client-id <id>", "the partner's client id").env("LINCHPIN_VENLY_CLIENT_ID"))
    .addOption(
      new Option("--venly-client-secret <secret>", "better in the environment").env("LINCHPIN_VENLY_CLIENT_SECRET"),
    );
}

interface VenlyOptions {
  /** Origin of an issuer, for its sandbox and as the default of `venlyUrl`. */
  readonly url: string;
  readonly venlyUrl?: string;
  readonly venlyTokenUrl?: string;
  readonly venlyClientId?: string;
  readonly venlyClientSecret?: string;
}

/** The partner's way to Venly's API. @throws Failure without credentials, unless the issuer is a sandbox */
async function connectVenly(options: VenlyOptions): Promise<HttpCaller> {
  const { url, venlyClientId: clientId, venlyClientSecret: clientSecret } = options;
  const baseUrl = options.venlyUrl ?? `${url}/venly`;
  if (clientId !== undefined && clientSecret !== undefined) {
    const { tokenPath } = await import("@linchpin/protocols/venly/wire");
    const tokenUrl = options.venlyTokenUrl ?? `${baseUrl}${tokenPath}`;
    return authenticateByForm({ baseUrl, tokenUrl, clientId, clientSecret });
  }
  const sandbox = await findSandbox(new URL(baseUrl).origin);
  if (sandbox !== null) return authenticateByForm(sandbox.venly);
  throw new Failure(
    exitCodes.notAllowed,
    "this issuer wants a partner's credentials: set LINCHPIN_VENLY_CLIENT_ID and LINCHPIN_VENLY_CLIENT_SECRET",
  );
}
