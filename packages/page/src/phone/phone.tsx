import type { RootPins } from "@linchpin/device/native";
import { fetchRelay } from "@linchpin/device/relay";
import { pinRoots } from "@linchpin/device/roots";
import type { RefCallback } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import type { CardState, IssuerApi } from "../issuer/issuer-api.ts";
import type { PageProtocol, Phone } from "../protocols/protocol.ts";
import { protocolTable } from "../protocols/protocol-table.ts";
import { directionOf, languages } from "./languages.ts";
import { useFocus } from "./use-focus.ts";

/** What the partner's backend can do with what it relays: `packages/sandbox/src/relay`. */
const relayFaults = {
  honest: "passes everything on",
} as const;

const relayFailures = {
  "delays-until-rotation": "is slow: the key is rotated meanwhile",
  "loses-answers": "loses the answers",
  "breaks-down": "breaks down (500)",
  "sends-twice": "sends every message twice",
  "alters-messages": "alters the messages",
  "swaps-keys": "swaps the issuer's key for another",
} as const;

const relayLies = {
  "reads-by-swapped-key": "reads by a key of its own",
  "reads-by-own-role": "reads by its own role, after a change",
  "binds-own-device": "binds a device of its own",
  "moves-to-another-card": "moves the PIN to another card, or user",
  "forges-answers": "forges the issuer's answer",
  replays: "sends a PIN a second time",
  "delivers-late": "holds a change back, delivers it late",
} as const;

/** The cardholder's phone: the partner's app, with the elements in it. */
export function PhoneView({
  cardholder,
  card,
  api,
  pins,
  protocol,
  setProtocol,
  isPinned,
  setIsPinned,
  conclude,
  renew,
}: {
  cardholder: Cardholder;
  card: CardState | null;
  api: IssuerApi;
  pins: RootPins;
  protocol: PageProtocol;
  setProtocol: (protocol: PageProtocol) => void;
  /** Whether the app holds the issuer's keys of the vendors' protocols against the issuer's roots. */
  isPinned: boolean;
  setIsPinned: (isPinned: boolean) => void;
  conclude: Phone["conclude"];
  /** Another cardholder, whose card's program is for the native protocol alone or for each. */
  renew: (isNativeOnly: boolean) => void;
}) {
  const [relayFault, setRelayFault] = useState<string>("honest");
  const [taskName, setTaskName] = useState<string | null>(null);
  /** The focus goes back to where it came from. */
  const [leftTask, setLeftTask] = useState<string | null>(null);
  const [language, setLanguage] = useState("en");
  const roots = useMemo(() => pinRoots(pins), [pins]);
  const phone: Phone = useMemo(
    () => ({
      cardholder,
      api,
      pins,
      relay: fetchRelay({ baseUrl: `/sandbox/relay/${relayFault}` }),
      trust: isPinned ? { roots } : {},
      conclude,
    }),
    [cardholder, api, pins, relayFault, isPinned, roots, conclude],
  );
  const screen = useOutcomes(conclude);
  const focus = useFocus();
  const { tasks } = protocol;
  const task = tasks.find(({ name }) => name === taskName);
  const nextTask = card === null ? null : protocol.next(phone, card);
  const isFresh = card?.pin.status === "not_set";
  const open = (name: string) => {
    setTaskName(name);
    setLeftTask(name);
  };
  const leave = () => setTaskName(null);

  return (
    <>
      <div class="phone">
        <div class="screen" ref={screen} lang={language} dir={directionOf(language)}>
          {task === undefined ? (
            <>
              <BankCard card={card} />
              <fieldset class="protocols">
                <legend>The bank's issuer speaks</legend>
                {offeredTo(cardholder, protocol).map((offered) => (
                  <label key={offered.name}>
                    <input
                      type="radio"
                      name="protocol"
                      checked={protocol === offered}
                      onChange={() => setProtocol(offered)}
                    />
                    <span>{offered.title}</span>
                  </label>
                ))}
              </fieldset>
              {cardholder.isNativeOnly && (
                <p class="empty only">
                  The card's program is for this protocol alone. To the others the card is unknown, and the app asks for
                  no code of theirs.
                </p>
              )}
              <ul class="tasks">
                {tasks.map(({ name, title, about }) => (
                  <li key={name}>
                    <button
                      type="button"
                      class={name === nextTask ? "next" : undefined}
                      ref={name === leftTask ? focus : null}
                      onClick={() => open(name)}
                    >
                      {name === nextTask && <em>{isFresh ? "Start here" : "Next"}</em>}
                      <strong>{title}</strong>
                      <span>{about}</span>
                    </button>
                  </li>
                ))}
              </ul>
              {card !== null && nextTask === null && (
                <p class="empty">{protocol.title} shows a PIN that is there. Choose one first, by Solaris or Adyen.</p>
              )}
            </>
          ) : (
            <>
              <button type="button" class="back" ref={focus} onClick={leave}>
                ‹ Back
              </button>
              <task.Screen phone={phone} leave={leave} />
            </>
          )}
        </div>
      </div>
      <label class="choice">
        The app speaks
        <select value={language} onChange={({ currentTarget }) => setLanguage(currentTarget.value)}>
          {Object.entries(languages).map(([tag, name]) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice relay-fault">
        The partner's backend
        <select value={relayFault} onChange={({ currentTarget }) => setRelayFault(currentTarget.value)}>
          <Options of={relayFaults} />
          <optgroup label="fails">
            <Options of={relayFailures} />
          </optgroup>
          <optgroup label="lies">
            <Options of={relayLies} />
          </optgroup>
        </select>
      </label>
      <label class="choice program">
        The card's program
        <select
          value={cardholder.isNativeOnly ? "native" : "each"}
          onChange={({ currentTarget }) => renew(currentTarget.value === "native")}
        >
          <option value="each">every protocol</option>
          <option value="native">native only</option>
        </select>
      </label>
      <label class="choice trust">
        The app's trust
        <select
          disabled={protocol.pinsRoots}
          value={isPinned || protocol.pinsRoots ? "roots" : "none"}
          onChange={({ currentTarget }) => setIsPinned(currentTarget.value === "roots")}
        >
          <option value="roots">roots pinned</option>
          <option value="none">no roots</option>
        </select>
      </label>
    </>
  );
}

/** A vendor's prompt for a code is no part of an app whose cards are for the native protocol alone. */
const offeredTo = ({ isNativeOnly }: Cardholder, native: PageProtocol): readonly PageProtocol[] =>
  isNativeOnly ? [native] : protocolTable;

function Options({ of }: { of: Readonly<Record<string, string>> }) {
  return Object.entries(of).map(([name, title]) => (
    <option key={name} value={name}>
      {title}
    </option>
  ));
}

/** For the `ref` of what holds the elements: how their tasks end. */
function useOutcomes(conclude: Phone["conclude"]): RefCallback<HTMLElement> {
  return useCallback(
    (screen: HTMLElement | null) => {
      for (const type of ["pin-changed", "pin-shown"] as const) screen?.addEventListener(type, () => conclude(null));
      for (const type of ["pin-change-failed", "pin-reveal-failed"] as const)
        screen?.addEventListener(type, ({ detail }) => conclude(detail.code));
    },
    [conclude],
  );
}

const pinStates = { not_set: "no PIN yet", active: "PIN set", blocked: "PIN blocked" } as const;

function BankCard({ card }: { card: CardState | null }) {
  return (
    <div class="bank-card">
      <span class="bank">Sandbox Bank</span>
      <span class="chip" />
      <span class="card-state">
        {card === null ? "…" : card.state === "active" ? pinStates[card.pin.status] : `card ${card.state}`}
      </span>
    </div>
  );
}
