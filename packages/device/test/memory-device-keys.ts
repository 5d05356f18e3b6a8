import { makeSigningKey } from "@linchpin/core/webcrypto";
import type { DeviceBinding, DeviceKeys } from "@linchpin/device/keys";

/** Keys for as long as the process lives: for tests, and for a Node that has no other place. */
export function memoryDeviceKeys(): DeviceKeys {
  const bindings = new Map<string, DeviceBinding>();
  return {
    makeKey: makeSigningKey,
    save: async (name, binding) => void bindings.set(name, binding),
    load: async (name) => bindings.get(name),
    forget: async (name) => void bindings.delete(name),
  };
}
