import { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeSealedPinRequest } from "@linchpin/protocols/sealed-pin/device";
import { acceptIssuerKey } from "@linchpin/protocols/solaris/device";
import { useState } from "preact/hooks";
import type { IssuerApi, PinVerification } from "./issuer/issuer-api.ts";

/** A shop's terminal: what is typed is sealed here and verified by the issuer. */
export function Terminal({ api }: { api: IssuerApi }) {
  const [display, setDisplay] = useState("20.00 € · enter the card's PIN");
  const verify = async (asciiDigits: Uint8Array) => {
    setDisplay("…");
    setDisplay(await verifyAt(api, asciiDigits).then(wordsFor, (error: Error) => error.message));
  };
  return (
    <section class="terminal" aria-label="A shop's terminal">
      <output class="display">{display}</output>
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

function wordsFor({ result, remainingAttempts }: PinVerification): string {
  if (result === "match") return "Approved ✓";
  if (result === "blocked") return "Declined: the PIN is blocked";
  return `Wrong PIN · ${remainingAttempts} ${remainingAttempts === 1 ? "try" : "tries"} left`;
}
