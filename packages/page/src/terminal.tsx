import { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeSealedPinRequest } from "@linchpin/protocols/sealed-pin/device";
import { acceptIssuerKey } from "@linchpin/protocols/solaris/device";
import { useEffect, useState } from "preact/hooks";
import type { CardState, IssuerApi, PinVerification } from "./issuer/issuer-api.ts";

/** A shop's terminal: what is typed is sealed here and verified by the issuer. */
export function Terminal({ api, card }: { api: IssuerApi; card: CardState | null }) {
  const [said, setSaid] = useState<Said | null>(null);
  const isUsable = card !== null && card.state === "active" && card.pin.status !== "blocked";
  // What was said before the card was blocked or unblocked is not so any more. An answer may also be ahead of the
  // card's state, which the page reads later: that one stays.
  useEffect(() => setSaid((said) => (said?.isUsable === isUsable ? said : null)), [isUsable]);
  const verify = async (asciiDigits: Uint8Array) => {
    setSaid({ words: "…" });
    setSaid(await verifyAt(api, asciiDigits).then(sayResult, (error: Error) => ({ words: error.message })));
  };
  return (
    <section class="terminal" aria-label="A shop's terminal">
      <output class="display">{said?.words ?? wordsForCard(card)}</output>
      <sandbox-pin-entry length={4} submitLabel="OK" enter={verify} />
    </section>
  );
}

interface Said {
  readonly words: string;
  /** Whether the card could be used when this was said; unknown while the issuer is asked, and when it refuses. */
  readonly isUsable?: boolean;
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

function sayResult({ result, remainingAttempts }: PinVerification): Said {
  if (result === "match") return { words: "Approved ✓", isUsable: true };
  if (result === "blocked" || remainingAttempts === 0)
    return { words: "Declined: the PIN is blocked", isUsable: false };
  return {
    words: `Wrong PIN · ${remainingAttempts} ${remainingAttempts === 1 ? "try" : "tries"} left`,
    isUsable: true,
  };
}
