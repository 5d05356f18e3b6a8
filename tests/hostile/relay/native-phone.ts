import { bindDevice, changePin } from "@linchpin/device/native";
import { phoneOf, pinOf, type Scene } from "./stage.ts";

/** A phone that Alice bound, before the relay does anything. */
export async function boundPhone(scene: Pick<Scene, "way" | "alice" | "pins">) {
  const phone = phoneOf(scene);
  await bindDevice(phone.byCode);
  return phone;
}

/** With PIN 1928 set. */
export async function phoneWithPin(scene: Pick<Scene, "way" | "alice" | "pins">) {
  const phone = await boundPhone(scene);
  await changePin({ ...phone.confirmed, pin: pinOf("1928") });
  return phone;
}
