import { checkDeviceSignature } from "@linchpin/protocols/solaris/issuer";
import type { Device, DeviceKey } from "@linchpin/store";
import type { Context } from "../../../context/index.ts";
import { deviceOf, keyOf } from "../../../devices/index.ts";

/**
 * Checks that this key of this device signed the text, and that the device is bound to this person.
 * @throws LinchpinError `device_unknown`, `device_unverified`, `device_of_another_person`, `device_key_missing`, `signature_invalid`
 */
export async function checkBoundDeviceSignature(
  context: Context,
  signed: {
    device: Device | null;
    personId: string;
    partnerId: string;
    keyPurpose: DeviceKey["purpose"];
    text: string;
    signatureHex: string;
  },
): Promise<void> {
  const device = deviceOf(signed.device, signed);
  const { publicPoint } = keyOf(device, signed.keyPurpose);
  await checkDeviceSignature(context.primitives, { ...signed, publicPoint });
}
