import { checkPinPolicy, LinchpinError, type Pin, type SigningKey } from "@linchpin/core";
import type { AcceptedSession } from "@linchpin/protocols/native/device";
import type { Invocation } from "../invocation.ts";
import { confirm } from "../terminal/confirm.ts";
import { type NativeDevice, nativeStateFile, openKey, readNativeDevice, writeNativeDevice } from "./native-device.ts";
import { openSession } from "./native-exchange.ts";
import { type ConnectedCard, connectNative, type NativeOptions } from "./native-partner.ts";

/** @throws LinchpinError as the policy of the card's program says, before anything is sealed */
export function checkPolicy({ claims: { policy } }: AcceptedSession, pin: Pin): void {
  if (policy) checkPinPolicy(pin, { ...policy, denyList: [], pinHistory: 0 });
}

/** The partner chose the card: the person sees whose it is, and says whether it is theirs. */
export async function confirmCard(
  { claims: { holder, card, to } }: AcceptedSession,
  options: { readonly yes?: true },
  invocation: Invocation,
): Promise<void> {
  const shown = `the card ends with ${card.last4}, is ${holder}'s, and of the program "${card.program}"`;
  const sent = to === undefined ? [] : [`a code went to ${to}`];
  await confirm([shown, ...sent], "Is this the card that you mean?", options, invocation);
}

interface BoundPhone {
  readonly card: ConnectedCard;
  readonly key: SigningKey;
  openSession(op: "pin-change" | "pin-verify" | "pin-reveal" | "card-reveal"): Promise<AcceptedSession>;
}

/** The bound device with its partner. What it learns of the issuer's list of keys, it keeps. */
export async function openPhone(options: NativeOptions, invocation: Invocation): Promise<BoundPhone> {
  const file = nativeStateFile(options, invocation);
  const device: NativeDevice = await readNativeDevice(file);
  const card = await connectNative(options, device);
  if (device.iss !== card.pins.issuer) throw new LinchpinError("device_unbound");
  return {
    card,
    key: await openKey(device),
    openSession: async (op) => {
      const wish = { op, auth: "device", card: card.cardId, device: device.thumbprint } as const;
      const session = await openSession(card, wish, device);
      const { seq } = session.manifest;
      if (seq > device.seq) await writeNativeDevice(file, { ...device, seq });
      return session;
    },
  };
}
