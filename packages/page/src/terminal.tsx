import { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeSealedPinRequest } from "@linchpin/protocols/sealed-pin/device";
import { acceptIssuerKey } from "@linchpin/protocols/solaris/device";
import { useEffect, useState } from "preact/hooks";
import type { CardState, IssuerApi, PinVerification } from "./issuer/issuer-api.ts";

/** A shop's terminal: what is typed is sealed here and verified by the issuer. */
export function Terminal({ api, card }: { api: IssuerApi; card: CardState | null }) {
  const [said, setSaid] = useState<string | null>(null);
  const isUsable = card !== null && card.state === "active" && card.pin.status !== "blocked";
  // What was said before the card was blocked or unblocked is not so any more.
  useEffect(() => setSaid(null), [isUsable]);
  const verify = async (asciiDigits: Uint8Array) => {
    setSaid("…");
    setSaid(await verifyAt(api, asciiDigits).then(wordsFor, (error: Error) => error.message));
  };
  return (
    <section class="terminal" aria-label="A shop's terminal">
      <output class="display">{said ?? wordsForCard(card)}</output>
      <sandbox-pin-entry length={4} submitLabel="OK" enter={verify} />
    </section>
  );
}

async function verifyAt(api: IssuerApi, asciiDigits: Uint8Array): Promise<PinVerification> {
  const pin = new Pin(asciiDigits);
  try {
    const issuerKey = acceptIssuerKey(
      await (await fetch("/sandbox/relay/honest/solaris/v1/cards/pin_keys/latest")).json(),
    );
    return await api.verifyPin(await makeSealedPinRequest(webCryptoPrimitives, { pin, issuerKey }));
  } finally {
    pin.wipe();
  }
}

function wordsForCard(card: CardState | null): string {
  if (card !== null && card.state !== "active") return `Declined: the card is ${card.state}`;
  if (card?.pin.status === "blocked") return "Declined: the PIN is blocked";
  return card?.pin.status === "not_set" ? "20.00 € · the card has no PIN yet" : "20.00 € · enter the card's PIN";
}

function wordsFor({ result, remainingAttempts }: PinVerification): string {
  if (result === "match") return "Approved ✓";
  if (result === "blocked") return "Declined: the PIN is blocked";
  return `Wrong PIN · ${remainingAttempts} ${remainingAttempts === 1 ? "try" : "tries"} left`;
}
