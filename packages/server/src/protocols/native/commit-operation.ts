import { LinchpinError, utf8 } from "@linchpin/core";
import { readPin, revealCardData, revealPin } from "@linchpin/protocols/native/issuer";
import { settingsOf, withCardData } from "../../cards/index.ts";
import type { Context } from "../../context/index.ts";
import { cardEvents, deviceEvents } from "../../outbox/index.ts";
import { sealStoredPin, withStoredPin } from "../../pin/index.ts";
import { maxBoundKeys } from "./authorizations.ts";
import { decideMessage } from "./decide-message.ts";
import { type Committed, isGood, isOfSessionsVersion, type NativeRun } from "./native-operation.ts";
import { boundMessage } from "./session-code.ts";

// What each operation does with its message, in one statement, and what is answered.

export async function bindKey(context: Context, run: NativeRun): Promise<Committed> {
  const { session, message, card } = run;
  const { tryLimit, presentPinToBind } = settingsOf(card.program);
  const { presentPin = false, card: named } = session.claims;
  const { version: pinVersion } = named;
  const presented = presentPin ? { matched: await isStoredPin(context, run), tryLimit } : null;
  const publicPoint = message.keyPoint ?? new Uint8Array(0);
  const deviceId = session.claims.device ?? "";
  const bound = deviceEvents(context, "device.bound", { personId: card.person.id, deviceId, protocol: "native" });
  const outbox = isGood(run) ? [await boundMessage(context, card), ...bound] : [];
  const outcome = await decideMessage(context, run, {
    effect: { type: "bind", thumbprint: session.claims.device ?? "", publicPoint, maxKeys: maxBoundKeys, presented },
    // A card that got a PIN meanwhile binds nothing without it.
    ...((presentPin || presentPinToBind) && { version: pinVersion }),
    written: { bound: { outbox, ...(presented && { facts: { pinVersion } }) } },
  });
  return committed(outcome);
}

export async function changePin(context: Context, run: NativeRun): Promise<Committed> {
  const { card, parts, session, code } = run;
  const { policy, changeUnblocks: unblocks, offlinePin } = settingsOf(card.program);
  const { version } = session.claims.card;
  const pinVersion = version + 1;
  const pin = parts !== null && isGood(run) ? readPin(parts) : null;
  try {
    const sealed = pin === null ? null : await sealStoredPin(context, pin, card.id, pinVersion);
    const pinHistoryLength = Math.max(0, policy.pinHistory - 1);
    const isUnblocked = card.pin.status === "blocked" && unblocks;
    const unblocked = isUnblocked ? cardEvents(context, card, "pin.unblocked", { pinVersion }) : [];
    const outbox = [...cardEvents(context, card, "pin.changed", { pinVersion }), ...unblocked];
    const outcome = await decideMessage(context, run, {
      effect: { type: "change", sealed, unblocks, offlinePin, pinHistoryLength },
      version,
      demandsNoBoundKey: code !== null,
      written: { changed: { facts: { pinVersion }, outbox } },
    });
    return committed(outcome);
  } finally {
    pin?.wipe();
  }
}

export async function comparePin(context: Context, run: NativeRun): Promise<Committed> {
  const { card, session } = run;
  const { version: pinVersion } = session.claims.card;
  const compared = (result: string) => ({ facts: { pinVersion, result }, outbox: [] });
  const outcome = await decideMessage(context, run, {
    effect: {
      type: "verify",
      matched: await isStoredPin(context, run),
      tryLimit: settingsOf(card.program).tryLimit,
    },
    version: pinVersion,
    written: {
      match: compared("match"),
      mismatch: compared("mismatch"),
      blocking: { ...compared("mismatch"), outbox: cardEvents(context, card, "pin.blocked", { pinVersion }) },
      blocked: compared("blocked"),
    },
  });
  return committed(outcome);
}

async function isStoredPin(context: Context, run: NativeRun): Promise<boolean> {
  const { card, parts } = run;
  const { sealed, version } = card.pin;
  if (parts === null || sealed === null || !isGood(run) || !isOfSessionsVersion(run)) return false;
  const pin = readPin(parts);
  try {
    return await withStoredPin(context, card, { sealed, version }, (stored) => stored.equals(pin));
  } finally {
    pin.wipe();
  }
}

/**
 * The PIN is opened and sealed once it is committed that it is revealed: the version that the audit names, and no other.
 * @throws LinchpinError `unavailable`: the PIN was changed just now, and nothing is spent
 */
export async function revealPinToDevice(context: Context, run: NativeRun): Promise<Committed> {
  const { version, sealed } = run.card.pin;
  const outcome = await decideMessage(context, run, {
    effect: { type: "revealPin", version },
    written: {
      revealed: {
        facts: { pinVersion: version },
        outbox: cardEvents(context, run.card, "pin.revealed", { pinVersion: version }),
      },
    },
  });
  if (outcome.result !== "revealed" || sealed === null) return committed(outcome);
  return () =>
    withStoredPin(context, run.card, { sealed, version }, (opened) => revealPin(context.primitives, run, opened));
}

export async function revealCardDataToDevice(context: Context, run: NativeRun): Promise<Committed> {
  const isMissing = (await context.store.findCardData(run.card.id)) === null;
  const refusal = isMissing ? new LinchpinError("card_data_not_set") : null;
  const outcome = await decideMessage(
    context,
    { ...run, refusal },
    {
      effect: { type: "revealCardData" },
      written: { revealed: { outbox: cardEvents(context, run.card, "card.data_revealed", {}) } },
    },
  );
  if (outcome.result !== "revealed") return committed(outcome);
  return () =>
    withCardData(context, run.card.id, async ({ pan, cvv2, expiration: { month, year } }) => {
      const expiry = utf8(`${`${year}`.slice(-2)}${`${month}`.padStart(2, "0")}`);
      return revealCardData(context.primitives, run, { pan, cvv2, expiry });
    });
}

/** An outcome that is the whole answer: nothing is sealed to the device. */
function committed(outcome: Awaited<ReturnType<typeof decideMessage>>): Committed {
  if (outcome.result === "revealed") throw new LinchpinError("internal", { reason: "nothing there is to reveal" });
  return () => outcome;
}
