import { changePin as changeByAdyen, revealPin as revealByAdyen } from "@linchpin/device/adyen";
import { openDeviceKeys } from "@linchpin/device/keys";
import { revealPin as revealByPlumery } from "@linchpin/device/plumery";
import type { Relay } from "@linchpin/device/relay";
import { bindDevice, changePin as changeBySolaris, proveBinding } from "@linchpin/device/solaris";
import { confirmPinChange, requestPinChange } from "@linchpin/device/solaris-sca";
import type { FunctionComponent } from "preact";
import { useState } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import type { IssuerApi } from "../issuer/issuer-api.ts";
import { type AskForCode, CodeEntry } from "./code-entry.tsx";
import { codeOf, Failure } from "./failure.tsx";
import { ChangeSigningPin, ChooseSigningPin, Pay } from "./signing-pin.tsx";

/** What every screen is given. */
export interface Phone {
  readonly cardholder: Cardholder;
  readonly api: IssuerApi;
  readonly relay: Relay;
}

export type Screen = FunctionComponent<{ phone: Phone; leave: () => void }>;

interface Task {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly Screen: Screen;
}

const keys = openDeviceKeys();

/** What a cardholder can do, by protocol. */
export const tasks: Readonly<Record<"solaris" | "adyen" | "plumery" | "venly", readonly Task[]>> = {
  solaris: [
    { name: "bind", title: "Set up this phone", about: "once: a key of its own, proved by a code", Screen: BindDevice },
    { name: "change", title: "Change the PIN", about: "signed by this phone", Screen: ChangeSigned },
    { name: "confirm", title: "Change the PIN by code", about: "confirmed by an SMS", Screen: ChangeConfirmed },
  ],
  adyen: [
    { name: "change", title: "Change the PIN", about: "as an ISO 9564 format 4 block", Screen: ChangeAdyen },
    { name: "reveal", title: "Show the PIN", about: "under a key of this call alone", Screen: RevealAdyen },
  ],
  plumery: [{ name: "reveal", title: "Show the PIN", about: "by ECDH, HKDF and AES-GCM", Screen: RevealPlumery }],
  venly: [
    { name: "choose", title: "Choose a signing PIN", about: "six digits, for payments", Screen: ChooseSigningPin },
    { name: "pay", title: "Pay 20.00 €", about: "allowed by the signing PIN", Screen: Pay },
    { name: "change", title: "Change the signing PIN", about: "allowed by the old one", Screen: ChangeSigningPin },
  ],
};

function BindDevice({ phone: { cardholder, relay, api }, leave }: Parameters<Screen>[0]) {
  const [stage, setStage] = useState<"ready" | "code" | "bound">("ready");
  const [failure, setFailure] = useState<string | null>(null);
  const { personId } = cardholder;
  const bind = async () => {
    setFailure(null);
    await bindDevice({ relay, keys, personId }).then(
      () => setStage("code"),
      (error) => setFailure(codeOf(error)),
    );
  };
  const prove = async (otp: string) => {
    setFailure(null);
    await proveBinding({ relay, keys, personId, otp }).then(
      () => setStage("bound"),
      (error) => setFailure(codeOf(error)),
    );
  };
  return (
    <section class="talk">
      <h2>Set up this phone</h2>
      {stage === "bound" ? (
        <>
          <p class="success">This phone is yours: it can change the PIN.</p>
          <button type="button" class="primary" onClick={leave}>
            Done
          </button>
        </>
      ) : (
        <>
          <p>It makes a key that can not leave it. A code proves that the phone is yours.</p>
          <button type="button" class={stage === "ready" ? "primary" : "quiet"} onClick={bind}>
            {stage === "ready" ? "Make a key, send me a code" : "Begin anew"}
          </button>
          {stage === "code" && <CodeEntry api={api} enter={prove} />}
        </>
      )}
      <Failure code={failure} />
    </section>
  );
}

function ChangeSigned({ phone: { cardholder, relay } }: Parameters<Screen>[0]) {
  const { personId, names } = cardholder;
  return (
    <linchpin-pin-change
      change={(pin, { signal }) => changeBySolaris({ relay, keys, personId, cardId: names.solaris, pin, signal })}
    />
  );
}

/** The element waits, at its progress, while the cardholder looks for the code. */
function ChangeConfirmed({ phone: { cardholder, relay, api } }: Parameters<Screen>[0]) {
  const [asking, setAsking] = useState<AskForCode | null>(null);
  const { personId, names } = cardholder;
  const askForCode = (failure: string | null) =>
    new Promise<string>((enter) => setAsking({ failure, enter })).finally(() => setAsking(null));
  return (
    <>
      <linchpin-pin-change
        change={async (pin, { signal }) => {
          const changeRequestId = await requestPinChange({ relay, personId, cardId: names.solaris, pin, signal });
          for (let failure: string | null = null; ; ) {
            const tan = await askForCode(failure);
            try {
              return await confirmPinChange({ relay, personId, changeRequestId, tan, signal });
            } catch (error) {
              failure = codeOf(error);
              if (failure !== "tan_invalid") throw error;
            }
          }
        }}
      />
      {asking !== null && (
        <section class="talk sheet">
          <CodeEntry api={api} enter={async (tan) => asking.enter(tan)} />
          <Failure code={asking.failure} />
        </section>
      )}
    </>
  );
}

function ChangeAdyen({ phone: { cardholder, relay } }: Parameters<Screen>[0]) {
  const paymentInstrumentId = cardholder.names.adyen;
  return (
    <linchpin-pin-change change={(pin, { signal }) => changeByAdyen({ relay, paymentInstrumentId, pin, signal })} />
  );
}

function RevealAdyen({ phone: { cardholder, relay } }: Parameters<Screen>[0]) {
  const paymentInstrumentId = cardholder.names.adyen;
  return <linchpin-pin-reveal reveal={({ signal }) => revealByAdyen({ relay, paymentInstrumentId, signal })} />;
}

function RevealPlumery({ phone: { cardholder, relay } }: Parameters<Screen>[0]) {
  const cardToken = cardholder.names.plumery;
  return <linchpin-pin-reveal reveal={({ signal }) => revealByPlumery({ relay, cardToken, signal })} />;
}
