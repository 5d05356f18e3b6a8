import type { SigningKey } from "@linchpin/core";
import { makeSigningKey } from "@linchpin/core/webcrypto";
import type { DeviceBinding, DeviceKeys } from "@linchpin/device/keys";

/** Keys for as long as the process lives: for tests, and for a Node that has no other place. */
export function memoryDeviceKeys<Binding extends { key: SigningKey } = DeviceBinding>(): DeviceKeys<Binding> {
  const bindings = new Map<string, Binding>();
  return {
    makeKey: makeSigningKey,
    save: async (name, binding) => void bindings.set(name, binding),
    load: async (name) => bindings.get(name),
    forget: async (name) => void bindings.delete(name),
  };
}
