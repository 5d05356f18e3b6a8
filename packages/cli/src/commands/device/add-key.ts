import { makeAddDeviceKeyRequest } from "@linchpin/protocols/solaris/device";
import type { DeviceKeyReply } from "@linchpin/protocols/solaris/wire";
import type { Command } from "commander";
import { makeDeviceKey, openDeviceKey } from "../../device-key.ts";
import { type DeviceState, type KeyPurpose, readDevice, writeDevice } from "../../device-state.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import type { Invocation } from "../../invocation.ts";
import { type DeviceOptions, partnerOf, withDeviceOptions } from "./device-options.ts";

export function addAddKey(device: Command, invocation: Invocation): void {
  withDeviceOptions(device.command("add-key"), invocation)
    .description("make the device's second key, restricted or not, signed by the one it has")
    .addHelpText("after", "\nExample:\n  linchpin device add-key")
    .action((options) => runAddKey(options, invocation));
}

async function runAddKey(options: DeviceOptions, { console }: Invocation): Promise<void> {
  const state = await readDevice(options.state);
  const { newKeyPurpose, knownKeyPurpose, knownJwk } = missingKeyOf(state);
  const partner = await partnerOf(state, options);
  const jwk = await makeDeviceKey();
  const request = await makeAddDeviceKeyRequest({
    newKey: await openDeviceKey(jwk),
    newKeyPurpose,
    knownKey: await openDeviceKey(knownJwk),
    knownKeyPurpose,
  });
  const { id } = await partner.ask<DeviceKeyReply>("POST", `/v1/mfa/devices/${state.deviceId}/keys`, request);
  await writeDevice(options.state, { ...state, keys: { ...state.keys, [newKeyPurpose]: jwk } });
  if (options.json) return console.log(JSON.stringify({ id, keyPurpose: newKeyPurpose }));
  console.log(`the device has a key for ${newKeyPurpose} use too`);
}

function missingKeyOf({ keys: { restricted, unrestricted } }: DeviceState): {
  newKeyPurpose: KeyPurpose;
  knownKeyPurpose: KeyPurpose;
  knownJwk: NonNullable<typeof restricted>;
} {
  if (restricted === undefined && unrestricted !== undefined)
    return { newKeyPurpose: "restricted", knownKeyPurpose: "unrestricted", knownJwk: unrestricted };
  if (restricted !== undefined && unrestricted === undefined)
    return { newKeyPurpose: "unrestricted", knownKeyPurpose: "restricted", knownJwk: restricted };
  throw new Failure(exitCodes.refused, "the device has both its keys already");
}
