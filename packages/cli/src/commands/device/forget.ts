import type { Command } from "commander";
import { forgetDevice, readDevice } from "../../device-state.ts";
import { type Answer, refusal } from "../../http-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { type DeviceOptions, partnerOf, withDeviceOptions } from "./device-options.ts";

export function addForget(device: Command, invocation: Invocation): void {
  withDeviceOptions(device.command("forget"), invocation)
    .description("take the device away from the person, and its keys from this terminal")
    .option("--local", "only from this terminal: the issuer goes on to know the device")
    .addHelpText("after", "\nExample:\n  linchpin device forget")
    .action((options) => runForget(options, invocation));
}

async function runForget(options: DeviceOptions & { local?: true }, { console }: Invocation): Promise<void> {
  const state = await readDevice(options.state);
  if (options.local === undefined) {
    const partner = await partnerOf(state, options);
    checkGone(await partner.send("DELETE", `/v1/mfa/devices/${state.deviceId}`));
  }
  await forgetDevice(options.state);
  console.log(
    options.json ? JSON.stringify({ deviceId: state.deviceId, forgotten: true }) : `forgot ${state.deviceId}`,
  );
}

/** One that the issuer does not know is as good as deleted. */
function checkGone(answer: Answer): void {
  if (answer.status >= 300 && answer.status !== 404) throw refusal(answer);
}
