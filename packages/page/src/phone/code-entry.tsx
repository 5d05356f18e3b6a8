import { useEffect, useState } from "preact/hooks";
import type { IssuerApi } from "../issuer/issuer-api.ts";
import { useFocus } from "./use-focus.ts";

export interface AskForCode {
  /** Why the last one was not taken. */
  readonly failure: string | null;
  readonly enter: (code: string) => void;
}

/** A code that came by SMS: the phone shows the message, and fills it in if asked to. */
export function CodeEntry({
  api,
  enter,
  lastDigits,
}: {
  api: IssuerApi;
  enter: (code: string, digits: string) => Promise<void>;
  /** Where the last digits of the card's number are asked for too: as they stand on the plastic. */
  lastDigits?: string;
}) {
  const [message, setMessage] = useState("");
  const [code, setCode] = useState("");
  const [digits, setDigits] = useState("");
  useEffect(() => {
    api.messages().then((messages) => setMessage(messages.at(-1)?.text ?? ""));
  }, [api]);
  const sent = /\b\d{6}\b/.exec(message)?.[0] ?? "";
  return (
    <form
      class="code-entry"
      onSubmit={(event) => {
        event.preventDefault();
        setCode("");
        enter(code, digits);
      }}
    >
      {message !== "" && (
        <button type="button" class="sms" onClick={() => setCode(sent)}>
          <strong>Message from Sandbox Bank</strong>
          <span dir="auto">{message}</span>
          <em>Tap to fill in</em>
        </button>
      )}
      <label>
        Code
        <input
          ref={useFocus()}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]{6}"
          required
          value={code}
          onInput={({ currentTarget }) => setCode(currentTarget.value)}
        />
      </label>
      {lastDigits !== undefined && (
        <label>
          <span>The card's last eight digits</span>
          <input
            name="digits"
            inputMode="numeric"
            autoComplete="off"
            pattern="[0-9]{8}"
            required
            value={digits}
            onInput={({ currentTarget }) => setDigits(currentTarget.value)}
          />
          <button type="button" class="quiet" onClick={() => setDigits(lastDigits)}>
            Off the plastic: {spaced(lastDigits)}
          </button>
        </label>
      )}
      <button type="submit" class="primary">
        Confirm
      </button>
    </form>
  );
}

const spaced = (digits: string): string => digits.replace(/(?=(?:\d{4})+$)/g, " ").trim();
