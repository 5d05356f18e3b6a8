import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import type { Command } from "commander";
import { type DeviceOptions, partnerOf } from "../commands/device/device-options.ts";
import { type PinOptions, policyOf } from "../commands/device/pin-options.ts";
import { openDeviceKey } from "../device-key.ts";
import { type DeviceState, readDevice } from "../device-state.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import type { RootsOptions } from "../root-pins.ts";
import { askNewPin } from "../terminal/ask-pin.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";
import { fetchIssuerKey } from "./solaris-partner.ts";

/** A device is bound first: its commands take the options of the partner and of the device's state by themselves. */
export const solaris: PhoneProtocol = {
  name: "solaris",
  title: "Solaris",
  variables: ["LINCHPIN_SOLARIS_URL", "LINCHPIN_SOLARIS_CLIENT_ID", "LINCHPIN_SOLARIS_CLIENT_SECRET"],
  withOptions: (command) => command,
  changePin,
  revealPin: null,
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<DeviceOptions & PinOptions & RootsOptions>();
  const state = await readDevice(options.state);
  const partner = await partnerOf(state, options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: policyOf(options) }, invocation);
  await sendPin(partner, state, pin, options).finally(() => pin.wipe());
  const { cardAccountId } = state;
  invocation.console.log(options.json ? JSON.stringify({ cardAccountId, changed: true }) : "the PIN is changed");
}

async function sendPin(partner: HttpCaller, state: DeviceState, pin: Pin, options: RootsOptions): Promise<void> {
  const restrictedKey = await restrictedKeyOf(state);
  const issuerKey = await fetchIssuerKey(partner, options);
  const { deviceId } = state;
  const request = await makePinUpdateRequest(webCryptoPrimitives, { pin, issuerKey, deviceId, restrictedKey });
  await partner.ask("POST", `/v1/cards/${state.cardAccountId}/pin_update_requests`, request);
}

/** @throws Failure when the device has none */
export async function restrictedKeyOf({ keys }: DeviceState) {
  if (keys.restricted !== undefined) return openDeviceKey(keys.restricted);
  throw new Failure(exitCodes.refused, "only a restricted key changes PINs: make one with `linchpin device add-key`");
}
