import { openDeviceKeys } from "@linchpin/device/keys";
import {
  bindDevice,
  changePin,
  LinchpinError,
  type NativeBinding,
  Pin,
  type ShownSession,
  type TypedCode,
  verifyPin,
} from "@linchpin/device/native";
import { revealPin } from "@linchpin/device/native-reveal";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import { CodeEntry } from "../phone/code-entry.tsx";
import { codeOf, Failure } from "../phone/failure.tsx";
import { useFocus } from "../phone/use-focus.ts";
import type { Phone, Screen } from "./protocol.ts";

/** Whether this browser's key is bound to the cardholder. The key itself is in IndexedDB, and tells nothing of that. */
export const isBound = (cardholder: Cardholder): boolean => localStorage.getItem(bound(cardholder)) !== null;

const bound = ({ personId }: Cardholder) => `linchpin.bound-natively.${personId}`;

/** What every task of the device library takes. Each cardholder of the page has keys of their own. */
function taskOf({ cardholder, relay, pins }: Phone) {
  const keys = openDeviceKeys<NativeBinding>(`linchpin ${cardholder.personId}`);
  return { relay, pins, keys, card: cardholder.names["native"] ?? "" };
}

/** Throws it again. A device that the issuer knows no more must be set up again. */
function failWith({ cardholder, conclude }: Phone, error: unknown): never {
  if (["device_unbound", "device_unknown"].includes(codeOf(error))) localStorage.removeItem(bound(cardholder));
  conclude(isOfUnsignedAnswer(error) ? "answer_refused" : codeOf(error));
  throw error;
}

/** An answer came, and the issuer did not sign it: what became of the message is unknown. */
function isOfUnsignedAnswer(error: unknown): boolean {
  const cause = error instanceof LinchpinError && error.code === "outcome_unknown" ? codeOf(error.cause) : "";
  return ["signature_invalid", "issuer_key_unvouched", "answer_refused"].includes(cause);
}

/** A question that a task waits with. It is answered by undefined when the screen goes. */
function useQuestion<Shown, Answer>() {
  const [asked, setAsked] = useState<{ shown: Shown; answer: (answer: Answer | undefined) => void } | null>(null);
  const open = useRef<(answer: undefined) => void>(() => {});
  useEffect(() => () => open.current(undefined), []);
  const ask = (shown: Shown) =>
    new Promise<Answer | undefined>((answer) => {
      open.current = answer;
      setAsked({ shown, answer });
    }).finally(() => setAsked(null));
  return { asked, ask };
}

export function BindNative({ phone, leave }: Parameters<Screen>[0]) {
  const [isDone, setIsDone] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { asked, ask } = useQuestion<ShownSession, TypedCode>();
  const [typed, setTyped] = useState<TypedCode | null>(null);
  const { cardholder, api } = phone;
  const focus = useFocus();
  const bind = async () => {
    setFailure(null);
    setTyped(null);
    setIsBusy(true);
    await bindDevice({ ...taskOf(phone), askForCode: ask }).then(
      () => {
        localStorage.setItem(bound(cardholder), "");
        setIsDone(true);
      },
      (error) => {
        phone.conclude(codeOf(error));
        setFailure(codeOf(error));
      },
    );
    setIsBusy(false);
  };
  return (
    <section class="talk">
      <h2>Set up this phone</h2>
      {isDone ? (
        <>
          <p class="success">This phone is yours: it can change and show the PIN.</p>
          <button type="button" class="primary" ref={focus} onClick={leave}>
            Done
          </button>
        </>
      ) : asked === null ? (
        <>
          <p>
            It makes a key that can not leave it. A code, and the digits on your card, prove that the phone is yours.
          </p>
          <button type="button" class="primary" disabled={isBusy} onClick={bind}>
            {failure === null ? "Make a key, send me a code" : "Begin anew, with another code"}
          </button>
        </>
      ) : (
        <>
          <Shown session={asked.shown} />
          {typed === null ? (
            <CodeEntry
              api={api}
              lastDigits={cardholder.lastDigits}
              enter={async (code, digits) =>
                asked.shown.asksPresentPin ? setTyped({ code, digits }) : asked.answer({ code, digits })
              }
            />
          ) : (
            <>
              <p>The card has a PIN: type it, so that a code alone sets up no phone.</p>
              <sandbox-pin-entry
                length={4}
                submitLabel="Set up"
                enter={async (digits) => asked.answer({ ...typed, presentPin: new Pin(digits.slice()) })}
              />
            </>
          )}
        </>
      )}
      <Failure code={failure} />
    </section>
  );
}

/** What the issuer signed: whose card it is. Nobody but the cardholder can tell that it is theirs. */
function Shown({ session: { holder, last4, program, to } }: { session: ShownSession }) {
  return (
    <dl class="session">
      <dt>Card</dt>
      <dd>
        {holder} · ends in {last4}
      </dd>
      <dt>Program</dt>
      <dd>{program}</dd>
      {to !== undefined && (
        <>
          <dt>Code sent to</dt>
          <dd>{to}</dd>
        </>
      )}
    </dl>
  );
}

/** Over the element, which waits at its progress. */
function Confirm({
  question,
  asked,
}: {
  question: string;
  asked: { shown: ShownSession; answer: (answer: boolean) => void };
}) {
  return (
    <section class="talk sheet">
      <h2>{question}</h2>
      <Shown session={asked.shown} />
      <button type="button" class="primary" ref={useFocus()} onClick={() => asked.answer(true)}>
        It is my card
      </button>
      <button type="button" class="quiet" onClick={() => asked.answer(false)}>
        It is not
      </button>
    </section>
  );
}

/** A phone without a key says so before a PIN is typed. */
function Bound({
  given,
  title,
  children,
}: {
  given: Parameters<Screen>[0];
  title: string;
  children: ComponentChildren;
}) {
  const [isReady, setIsReady] = useState(isBound(given.phone.cardholder));
  const [isSettingUp, setIsSettingUp] = useState(false);
  const focus = useFocus();
  if (isReady) return <>{children}</>;
  if (isSettingUp) return <BindNative {...given} leave={() => setIsReady(true)} />;
  return (
    <section class="talk">
      <h2>{title}</h2>
      <p>It is signed by this phone, which has no key yet.</p>
      <button type="button" class="primary" ref={focus} onClick={() => setIsSettingUp(true)}>
        Set up this phone first
      </button>
    </section>
  );
}

export function ChangeNative(given: Parameters<Screen>[0]) {
  const { phone } = given;
  const { asked, ask } = useQuestion<ShownSession, boolean>();
  const confirm = async (shown: ShownSession) => (await ask(shown)) === true;
  return (
    <Bound given={given} title="Change the PIN">
      <linchpin-pin-change
        change={(pin, { signal }) =>
          changePin({ ...taskOf(phone), pin, signal, confirm }).catch((error) => failWith(phone, error))
        }
      />
      {asked !== null && <Confirm question="Change the PIN of this card?" asked={asked} />}
    </Bound>
  );
}

export function RevealNative(given: Parameters<Screen>[0]) {
  const { phone } = given;
  const { asked, ask } = useQuestion<ShownSession, boolean>();
  const confirm = async (shown: ShownSession) => (await ask(shown)) === true;
  return (
    <Bound given={given} title="Show the PIN">
      <linchpin-pin-reveal
        reveal={({ signal }) =>
          revealPin({ ...taskOf(phone), signal, confirm }).catch((error) => failWith(phone, error))
        }
      />
      {asked !== null && <Confirm question="Show the PIN of this card?" asked={asked} />}
    </Bound>
  );
}

export function VerifyNative(given: Parameters<Screen>[0]) {
  const { phone } = given;
  const { asked, ask } = useQuestion<ShownSession, boolean>();
  const [said, setSaid] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const confirm = async (shown: ShownSession) => (await ask(shown)) === true;
  const verify = async (asciiDigits: Uint8Array) => {
    setSaid(null);
    setFailure(null);
    await verifyPin({ ...taskOf(phone), pin: new Pin(asciiDigits), confirm })
      .catch((error) => failWith(phone, error))
      .then(
        (verified) => setSaid(wordsFor(verified)),
        (error) => setFailure(codeOf(error)),
      );
  };
  return (
    <Bound given={given} title="Check the PIN">
      <section class="talk">
        <h2>Check the PIN</h2>
        <output>{said ?? ""}</output>
        <sandbox-pin-entry length={4} submitLabel="Check" enter={verify} />
        <Failure code={failure} />
      </section>
      {asked !== null && <Confirm question="Check the PIN of this card?" asked={asked} />}
    </Bound>
  );
}

function wordsFor(verified: Awaited<ReturnType<typeof verifyPin>>): string {
  if (verified.result === "match") return "That is the PIN. The issuer signed it.";
  if (!("remaining" in verified)) return "The PIN is blocked.";
  return `That is not the PIN. ${verified.remaining} ${verified.remaining === 1 ? "try" : "tries"} left.`;
}
