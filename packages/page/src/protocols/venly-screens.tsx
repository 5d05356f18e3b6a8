import { type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import { createUser, sendProtected, updateSigningMethod } from "@linchpin/device/venly";
import { useEffect, useRef, useState } from "preact/hooks";
import { codeOf, Failure } from "../phone/failure.tsx";
import type { Phone, Screen } from "./protocol.ts";

/** Whom the signing PIN belongs to, at Venly: names alone. */
interface SigningUser {
  readonly userId: string;
  readonly signingMethodId: string;
}

const kept = ({ cardholder }: Phone) => `linchpin.signing-user.${cardholder.personId}`;

const userOf = (phone: Phone): SigningUser | null => JSON.parse(sessionStorage.getItem(kept(phone)) ?? "null");

export const hasSigningPin = (phone: Phone): boolean => userOf(phone) !== null;

/** Venly asks for six digits, whichever. */
const sixDigits: PinPolicy = { ...solarisPinPolicy, minLength: 6, maxLength: 6, sequences: "allow", maxSameDigit: 6 };

export function ChooseSigningPin({ phone }: Parameters<Screen>[0]) {
  const { relay, cardholder, trust } = phone;
  return (
    <linchpin-pin-change
      policy={sixDigits}
      change={async (pin, { signal }) => {
        const reference = `${cardholder.personId} ${crypto.randomUUID()}`;
        const user = await createUser({ relay, ...trust, reference, pin: Uint8Array.from(pin.asciiDigits()), signal });
        sessionStorage.setItem(kept(phone), JSON.stringify(user));
      }}
    />
  );
}

export function Pay({ phone, leave }: Parameters<Screen>[0]) {
  const user = userOf(phone);
  const [outcome, setOutcome] = useState<"paid" | { failure: string } | null>(null);
  if (user === null) return <ChooseFirst />;
  const pay = (value: Uint8Array<ArrayBuffer>) =>
    sendProtected({
      relay: phone.relay,
      ...phone.trust,
      path: "/api/transactions/execute",
      body: { type: "TRANSFER", to: "The Corner Shop", amount: "20.00", currency: "EUR" },
      known: { id: user.signingMethodId, value },
    }).then(
      () => {
        phone.conclude(null);
        setOutcome("paid");
      },
      (error) => {
        phone.conclude(codeOf(error));
        setOutcome({ failure: codeOf(error) });
      },
    );
  return (
    <section class="talk">
      <h2>Pay 20.00 € to The Corner Shop</h2>
      {outcome === "paid" ? (
        <>
          <p class="success">Paid.</p>
          <button type="button" class="primary" onClick={leave}>
            Done
          </button>
        </>
      ) : (
        <sandbox-pin-entry length={6} submitLabel="Pay" enter={pay} />
      )}
      <Failure code={outcome === null || outcome === "paid" ? null : outcome.failure} />
    </section>
  );
}

export function ChangeSigningPin({ phone }: Parameters<Screen>[0]) {
  const user = userOf(phone);
  const known = useRef<Uint8Array<ArrayBuffer> | null>(null);
  const [isKnown, setIsKnown] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => () => void known.current?.fill(0), []);
  if (user === null) return <ChooseFirst />;
  /** The old PIN was wrong: it is asked for once more, before another attempt is counted. */
  const askAgain = (error: unknown) => {
    if (codeOf(error) === "signing_method_incorrect") {
      phone.conclude(codeOf(error));
      known.current?.fill(0);
      setFailure(codeOf(error));
      setIsKnown(false);
    }
    throw error;
  };
  if (!isKnown)
    return (
      <section class="talk">
        <h2>Your signing PIN now</h2>
        <sandbox-pin-entry
          length={6}
          submitLabel="Next"
          enter={async (value) => {
            known.current = Uint8Array.from(value);
            setFailure(null);
            setIsKnown(true);
          }}
        />
        <Failure code={failure} />
      </section>
    );
  return (
    <linchpin-pin-change
      policy={sixDigits}
      change={(pin, { signal }) =>
        updateSigningMethod({
          relay: phone.relay,
          ...phone.trust,
          ...user,
          value: Uint8Array.from(pin.asciiDigits()),
          known: { id: user.signingMethodId, value: known.current ?? new Uint8Array() },
          signal,
        }).catch(askAgain)
      }
    />
  );
}

function ChooseFirst() {
  return (
    <section class="talk">
      <h2>There is no signing PIN yet</h2>
      <p>Go back and choose one first.</p>
    </section>
  );
}
