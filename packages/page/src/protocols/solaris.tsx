import { openDeviceKeys } from "@linchpin/device/keys";
import { bindDevice, changePin, proveBinding } from "@linchpin/device/solaris";
import { confirmPinChange, requestPinChange } from "@linchpin/device/solaris-sca";
import { useState } from "preact/hooks";
import { logIn, publishKey } from "../journey/words.ts";
import { type AskForCode, CodeEntry } from "../phone/code-entry.tsx";
import { codeOf, Failure } from "../phone/failure.tsx";
import type { PageProtocol, Screen } from "./protocol.ts";

export const solaris: PageProtocol = {
  name: "solaris",
  title: "Solaris",
  tasks: [
    { name: "bind", title: "Set up this phone", about: "once: a key of its own, proved by a code", Screen: BindDevice },
    { name: "change", title: "Change the PIN", about: "signed by this phone", Screen: ChangeSigned },
    { name: "confirm", title: "Change the PIN by code", about: "confirmed by an SMS", Screen: ChangeConfirmed },
  ],
  words: [
    [/^GET \/solaris\/v1\/cards\/(?:[^/]+\/)?pin_keys\/latest/, publishKey],
    [
      /^POST \/solaris\/.*\/pin_update_requests/,
      {
        device: "seals the PIN to the issuer's key, signs it with its own, and wipes it",
        partner: "sees a JWE and a signature: it can read neither, nor swap one for another",
        issuer: "checks the signature, opens the JWE in the vault, seals the PIN for its store",
      },
    ],
    [
      /^POST \/solaris\/.*\/sca_pin_update_requests/,
      {
        device: "seals the PIN to the issuer's key, and wipes it",
        partner: "sees a JWE that only the issuer opens",
        issuer: "opens it, and keeps the PIN sealed until the cardholder confirms",
      },
    ],
    [
      /^POST \/solaris\/.*\/authorize/,
      { device: "asks for a code", partner: "passes it on", issuer: "sends a TAN to the cardholder's number" },
    ],
    [
      /^POST \/solaris\/.*\/confirm/,
      { device: "sends the TAN", partner: "sees a TAN that is good once", issuer: "makes the change" },
    ],
    [
      /^POST \/solaris\/v1\/mfa\/devices/,
      {
        device: "makes a key that never leaves it, and sends the public half",
        partner: "sees a public key",
        issuer: "keeps it as unproved, and sends an OTP to the cardholder's number",
      },
    ],
    [
      /^PUT \/solaris\/v1\/mfa\/challenges/,
      {
        device: "signs the OTP; the OTP itself stays here",
        partner: "sees a signature",
        issuer: "checks it: this phone is the cardholder's",
      },
    ],
    [/^POST \/solaris\/oauth2\/token/, logIn],
  ],
};

const keys = openDeviceKeys();

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
      change={(pin, { signal }) => changePin({ relay, keys, personId, cardId: names["solaris"] ?? "", pin, signal })}
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
          const changeRequestId = await requestPinChange({
            relay,
            personId,
            cardId: names["solaris"] ?? "",
            pin,
            signal,
          });
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
