import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import type { Command } from "commander";
import { askNewPin } from "../../ask-pin.ts";
import { openDeviceKey } from "../../device-key.ts";
import { type DeviceState, readDevice } from "../../device-state.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import type { HttpCaller } from "../../http-caller.ts";
import { type DeviceOptions, partnerOf, withDeviceOptions } from "./device-options.ts";
import { type PinOptions, withPinOptions } from "./pin-options.ts";

export function addChangePin(device: Command): void {
  withPinOptions(withDeviceOptions(device.command("change-pin")))
    .description("change the card's PIN at once, signed by the device's restricted key")
    .addHelpText("after", "\nExample:\n  linchpin device change-pin --pin-stdin < pin.txt")
    .action(runChangePin);
}

async function runChangePin(options: DeviceOptions & PinOptions): Promise<void> {
  const state = await readDevice(options.state);
  const partner = await partnerOf(state, options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, check: options.check });
  try {
    await changePin(partner, state, pin);
  } finally {
    pin.wipe();
  }
  console.log(
    options.json ? JSON.stringify({ cardAccountId: state.cardAccountId, changed: true }) : "the PIN is changed",
  );
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
