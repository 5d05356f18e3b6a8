import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeScaPinUpdateRequest } from "@linchpin/protocols/solaris/device";
import type { ChangeRequestReply } from "@linchpin/protocols/solaris/wire";
import type { Command } from "commander";
import { readDevice, writeDevice } from "../../device-state.ts";
import type { Invocation } from "../../invocation.ts";
import { fetchIssuerKey } from "../../phone/solaris-partner.ts";
import { type RootsOptions, rootsOption } from "../../root-pins.ts";
import { askNewPin } from "../../terminal/ask-pin.ts";
import { type DeviceOptions, partnerOf, withDeviceOptions } from "./device-options.ts";
import { type PinOptions, policyOf, withPinOptions } from "./pin-options.ts";

export function addRequestChange(device: Command, invocation: Invocation): void {
  withPinOptions(withDeviceOptions(device.command("request-change"), invocation))
    .addOption(rootsOption())
    .description("ask for a PIN change, which is applied once `device confirm` confirms it")
    .addHelpText("after", "\nExample:\n  linchpin device request-change && linchpin device confirm --by tan")
    .action((options) => runRequestChange(options, invocation));
}

async function runRequestChange(
  options: DeviceOptions & PinOptions & RootsOptions,
  invocation: Invocation,
): Promise<void> {
  const state = await readDevice(options.state);
  const partner = await partnerOf(state, options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: policyOf(options) }, invocation);
  try {
    const issuerKey = await fetchIssuerKey(partner, options);
    const request = await makeScaPinUpdateRequest(webCryptoPrimitives, { pin, issuerKey });
    const path = `/v1/cards/${state.cardAccountId}/sca_pin_update_requests`;
    const { id, status } = await partner.ask<ChangeRequestReply>("POST", path, request);
    await writeDevice(options.state, { ...state, changeRequestId: id });
    if (options.json) return invocation.console.log(JSON.stringify({ id, status }));
    invocation.console.log(`change request ${id} waits five minutes · confirm it: linchpin device confirm`);
  } finally {
    pin.wipe();
  }
}
