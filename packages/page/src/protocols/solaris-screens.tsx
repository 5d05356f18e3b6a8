import { openDeviceKeys } from "@linchpin/device/keys";
import { bindDevice, changePin, proveBinding } from "@linchpin/device/solaris";
import { confirmPinChange, requestPinChange } from "@linchpin/device/solaris-sca";
import { useState } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import { type AskForCode, CodeEntry } from "../phone/code-entry.tsx";
import { codeOf, Failure } from "../phone/failure.tsx";
import { useFocus } from "../phone/use-focus.ts";
import type { Screen } from "./protocol.ts";

const keys = openDeviceKeys();

/** Whether this browser's key was proved to be the cardholder's. The key itself is in IndexedDB, and tells nothing of that. */
export const isBound = (cardholder: Cardholder): boolean => localStorage.getItem(bound(cardholder)) !== null;

const bound = ({ personId }: Cardholder) => `linchpin.bound.${personId}`;

export function BindDevice({ phone: { cardholder, relay, api, conclude }, leave }: Parameters<Screen>[0]) {
  const [sentCodes, setSentCodes] = useState(0);
  const [isDone, setIsDone] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { personId } = cardholder;
  const fail = (error: unknown) => {
    conclude(codeOf(error));
    setFailure(codeOf(error));
  };
  const bind = async () => {
    setFailure(null);
    await bindDevice({ relay, keys, personId }).then(() => setSentCodes(sentCodes + 1), fail);
  };
  const prove = async (otp: string) => {
    setFailure(null);
    await proveBinding({ relay, keys, personId, otp }).then(() => {
      conclude(null);
      localStorage.setItem(bound(cardholder), "");
      setIsDone(true);
    }, fail);
  };
  if (isDone) return <Bound leave={leave} />;
  return (
    <section class="talk">
      <h2>Set up this phone</h2>
      <p>It makes a key that can not leave it. A code proves that the phone is yours.</p>
      <button type="button" class={sentCodes === 0 ? "primary" : "quiet"} onClick={bind}>
        {sentCodes === 0 ? "Make a key, send me a code" : "Begin anew, with another code"}
      </button>
      {sentCodes > 0 && <CodeEntry key={sentCodes} api={api} enter={prove} />}
      <Failure code={failure} />
    </section>
  );
}

function Bound({ leave }: { leave: () => void }) {
  return (
    <section class="talk">
      <h2>Set up this phone</h2>
      <p class="success">This phone is yours: it can change the PIN.</p>
      <button type="button" class="primary" ref={useFocus()} onClick={leave}>
        Done
      </button>
    </section>
  );
}

/** A phone without a key says so before a PIN is typed. */
export function ChangeSigned(given: Parameters<Screen>[0]) {
  const { cardholder, relay, trust } = given.phone;
  const [isReady, setIsReady] = useState(isBound(cardholder));
  const [isSettingUp, setIsSettingUp] = useState(false);
  const { personId, names } = cardholder;
  if (isReady)
    return (
      <linchpin-pin-change
        change={async (pin, { signal }) => {
          try {
            await changePin({ relay, ...trust, keys, personId, cardId: names["solaris"] ?? "", pin, signal });
          } catch (error) {
            if (["device_unbound", "device_unverified"].includes(codeOf(error)))
              localStorage.removeItem(bound(cardholder));
            throw error;
          }
        }}
      />
    );
  if (isSettingUp) return <BindDevice {...given} leave={() => setIsReady(true)} />;
  return (
    <section class="talk">
      <h2>Change the PIN</h2>
      <p>The change is signed by this phone, which has no key yet.</p>
      <button type="button" class="primary" ref={useFocus()} onClick={() => setIsSettingUp(true)}>
        Set up this phone first
      </button>
    </section>
  );
}

/** The element waits, at its progress, while the cardholder looks for the code. */
export function ChangeConfirmed({ phone: { cardholder, relay, api, trust } }: Parameters<Screen>[0]) {
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
            ...trust,
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
