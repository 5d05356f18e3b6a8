import { checkPinPolicy, type Pin } from "@linchpin/core";
import type { RootPins } from "@linchpin/protocols/issuer-keys/device";
import { type AcceptedOutcome, makeSealedMessage } from "@linchpin/protocols/native/device";
import { onPlatform } from "./exchange.ts";
import { type Asked, nameOf, prepare, type Show, settle } from "./native-operation.ts";
import type { ByCode, Confirmed, OfCard } from "./native-task.ts";

export { LinchpinError, Pin } from "@linchpin/core";
export type { NativeBinding, ShownSession, TypedCode } from "./native-task.ts";
export type { RootPins };

// Reveals are in native-reveal.ts. Every function also throws what README.md says of the way to the issuer, and what
// `prepare` and `settle` do.

/**
 * Makes a key that stays on this device, and binds it by a code that reaches the person. A binding that this device had at
 * the issuer is replaced. The key is kept before it is sent: where the answer is lost, the next call binds the same one,
 * which takes no second place among the person's devices.
 * @throws LinchpinError `code_incorrect`, `code_locked`, `too_many_devices`, `mobile_number_missing`,
 *   `person_name_missing`; `pin_not_set`, `pin_blocked`, `pin_refused`: the present PIN is asked for, and the card has none,
 *   has a blocked one, or has another; `outcome_unknown`: bind again; `device_key_exists`: the key whose answer was lost was
 *   unbound since, bind again
 */
export function bindDevice({ askForCode, ...task }: OfCard & ByCode): Promise<void> {
  return onPlatform(async () => {
    const { keys, pins } = task;
    const unanswered = unansweredOf(pins);
    const key = (await keys.load(unanswered))?.key ?? (await keys.makeKey());
    const prepared = await prepare(task, { op: "bind", auth: "code", key }, askForCode, sealed).catch(async (error) => {
      // It was bound, and unbound since: it is never bound again, and the next call makes another.
      if (error.code === "device_key_exists") await keys.forget(unanswered);
      throw error;
    });
    const { iss, sub, device } = prepared.session.claims;
    const binding = { iss, sub, thumbprint: device as string, seq: prepared.session.manifest.seq, key };
    await keys.save(unanswered, binding);
    await settle(task, prepared);
    await keys.save(nameOf(pins), binding);
    await keys.forget(unanswered);
  });
}

/** Forgets the key of this device. At the issuer it stays bound until the operator unbinds it. */
export function forgetDevice({ pins, keys }: Pick<OfCard, "pins" | "keys">): Promise<void> {
  return onPlatform(async () => {
    // The bound key last: where the app ends between the two, the device is bound still, and is forgotten by the next call.
    await keys.forget(unansweredOf(pins));
    await keys.forget(nameOf(pins));
  });
}

/**
 * Sets the PIN, the first one too. `pin` is wiped, however the call ends.
 * @throws LinchpinError `pin_length`, `pin_sequence`, `pin_repeats` before anything is sent; `device_unbound`; `pin_refused`,
 *   `pin_reused`; `session_stale`: it was changed meanwhile; `device_unknown`: bind again; `card_blocked`,
 *   `card_terminated`; `outcome_unknown`: the old PIN or the new one holds, and a change to the same one settles it
 */
export async function changePin({ pin, confirm, ...task }: OfCard & Confirmed & { pin: Pin }): Promise<void> {
  await operate(task, { op: "pin-change", auth: "device", pin }, confirm);
}

/**
 * Sets the PIN by a code that reaches the person, without a bound device, where the card's program allows it. `pin` is
 * wiped, however the call ends.
 * @throws LinchpinError as `changePin`, and `code_incorrect`, `code_locked`, `mobile_number_missing`; `conflict`: another
 *   message used the session, and this one changed nothing
 */
export async function changePinByCode({ pin, askForCode, ...task }: OfCard & ByCode & { pin: Pin }): Promise<void> {
  await operate(task, { op: "pin-change", auth: "code", pin }, askForCode);
}

/**
 * Asks the issuer whether this is the PIN. `pin` is wiped, however the call ends.
 * @returns with `mismatch` how many tries remain
 * @throws LinchpinError `device_unbound`, `device_unknown`, `pin_not_set`, `card_blocked`, `card_terminated`, `session_stale`
 */
export async function verifyPin({
  pin,
  confirm,
  ...task
}: OfCard & Confirmed & { pin: Pin }): Promise<
  { result: "match" | "blocked" } | { result: "mismatch"; remaining: number }
> {
  return (await operate(task, { op: "pin-verify", auth: "device", pin }, confirm)) as Awaited<
    ReturnType<typeof verifyPin>
  >;
}

/** One operation. @returns what became of it */
function operate(task: OfCard, asked: Asked, show: Show): Promise<AcceptedOutcome> {
  return onPlatform(async () => settle(task, await prepare(task, asked, show, sealed)));
}

const sealed = { checkPin: checkPinPolicy, make: makeSealedMessage };

/** Of a key that was sent to be bound, until the answer is there. */
const unansweredOf = (pins: RootPins) => `${nameOf(pins)}.new`;
