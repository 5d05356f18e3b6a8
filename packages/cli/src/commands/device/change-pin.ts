import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import { type Command, Option } from "commander";
import { type AdyenOptions, connectAdyen } from "../../adyen-caller.ts";
import { askNewPin } from "../../ask-pin.ts";
import { openDeviceKey } from "../../device-key.ts";
import { type DeviceState, readDevice } from "../../device-state.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import type { HttpCaller } from "../../http-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { withAdyenOptions } from "./adyen-options.ts";
import { changePinByAdyen } from "./by-adyen.ts";
import { type DeviceOptions, partnerOf, withDeviceOptions } from "./device-options.ts";
import { type PinOptions, policyOf, withPinOptions } from "./pin-options.ts";

interface ChangeOptions extends DeviceOptions, PinOptions, AdyenOptions {
  readonly by: "solaris" | "adyen";
}

export function addChangePin(device: Command, invocation: Invocation): void {
  withAdyenOptions(withPinOptions(withDeviceOptions(device.command("change-pin"), invocation)))
    .description("change the card's PIN at once: signed by the device's restricted key, or by Adyen's protocol")
    .addOption(new Option("--by <protocol>", "by whose protocol").choices(["solaris", "adyen"]).default("solaris"))
    .addHelpText("after", help)
    .action((options: ChangeOptions) =>
      options.by === "solaris" ? runBySolaris(options, invocation) : runByAdyen(options, invocation),
    );
}

const help = `
Adyen's protocol asks for no bound device, and has no rules of its own: the issuer judges the PIN.

Example:
  linchpin device change-pin --pin-stdin < pin.txt`;

async function runBySolaris(options: ChangeOptions, invocation: Invocation): Promise<void> {
  const state = await readDevice(options.state);
  const partner = await partnerOf(state, options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: policyOf(options) }, invocation);
  await changePin(partner, state, pin).finally(() => pin.wipe());
  const { cardAccountId } = state;
  invocation.console.log(options.json ? JSON.stringify({ cardAccountId, changed: true }) : "the PIN is changed");
}

async function changePin(partner: HttpCaller, state: DeviceState, pin: Pin): Promise<void> {
  const restrictedKey = await restrictedKeyOf(state);
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/v1/cards/pin_keys/latest"));
  const { deviceId } = state;
  const request = await makePinUpdateRequest(webCryptoPrimitives, { pin, issuerKey, deviceId, restrictedKey });
  await partner.ask("POST", `/v1/cards/${state.cardAccountId}/pin_update_requests`, request);
}

/** @throws Failure when the device has none */
export async function restrictedKeyOf({ keys }: DeviceState) {
  if (keys.restricted !== undefined) return openDeviceKey(keys.restricted);
  throw new Failure(exitCodes.refused, "only a restricted key changes PINs: make one with `linchpin device add-key`");
}

async function runByAdyen(options: ChangeOptions, invocation: Invocation): Promise<void> {
  const card = await connectAdyen(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  const status = await changePinByAdyen(card, pin).finally(() => pin.wipe());
  if (status === "unavailable")
    throw new Failure(exitCodes.unreachable, "the issuer can not take a PIN now: try again later");
  const { paymentInstrumentId } = card;
  if (options.json) return invocation.console.log(JSON.stringify({ paymentInstrumentId, changed: true, status }));
  invocation.console.log(
    status === "completed"
      ? "the PIN is changed"
      : "the PIN is changed; the card's chip takes it when it is next online",
  );
}
