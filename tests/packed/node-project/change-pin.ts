import { changePin, Pin, revealPin } from "@linchpin/device/adyen";
import { fetchRelay } from "@linchpin/device/relay";

/** The digits that are revealed after a change to 1928. */
export async function changeAndReveal(baseUrl: string, paymentInstrumentId: string): Promise<string> {
  const card = { relay: fetchRelay({ baseUrl }), paymentInstrumentId };
  await changePin({ ...card, pin: new Pin(new TextEncoder().encode("1928")) });
  const pin = await revealPin(card);
  return new TextDecoder().decode(pin.asciiDigits());
}
