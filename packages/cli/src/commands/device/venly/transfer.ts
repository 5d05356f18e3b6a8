import { utf8 } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, makeEncryptedSigningMethod } from "@linchpin/protocols/venly/device";
import { type Command, InvalidArgumentError, Option } from "commander";
import { askPin } from "../../../ask-pin.ts";
import type { Invocation } from "../../../invocation.ts";
import { connectVenly } from "../../../venly-caller.ts";
import { type SigningOptions, withSigningOptions } from "./venly-options.ts";

interface TransferOptions extends SigningOptions {
  readonly method: string;
  readonly wallet: string;
  readonly to: string;
  readonly value: number;
}

export function addTransfer(venly: Command, invocation: Invocation): void {
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
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/api/security"));
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

/** Of the upstream that the operator configures. */
interface TransferReply {
  readonly result: { readonly transactionHash: string };
}

function parseAmount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("It must be a decimal number.");
  return Number(text);
}
