import type { RootPins } from "@linchpin/device/native";
import { fetchRelay } from "@linchpin/device/relay";
import { useMemo, useState } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import type { CardState, IssuerApi } from "../issuer/issuer-api.ts";
import type { Phone } from "../protocols/protocol.ts";
import { protocolTable } from "../protocols/protocol-table.ts";
import { directionOf, languages } from "./languages.ts";
import { useFocus } from "./use-focus.ts";

/** What the partner's backend can do with what it relays: `packages/sandbox/src/relay-faults.ts`. */
const relayFaults = {
  honest: "passes everything on",
  "delays-until-rotation": "is slow: the key is rotated meanwhile",
  "loses-answers": "loses the answers",
  "breaks-down": "breaks down (500)",
  "sends-twice": "sends every message twice",
  "alters-messages": "alters the messages",
  "swaps-keys": "swaps the issuer's key for another",
} as const;

/** The cardholder's phone: the partner's app, with the elements in it. */
export function PhoneView({
  cardholder,
  card,
  api,
  pins,
}: {
  cardholder: Cardholder;
  card: CardState | null;
  api: IssuerApi;
  pins: RootPins;
}) {
  const [relayFault, setRelayFault] = useState<string>("honest");
  const [protocol, setProtocol] = useState(protocolTable[0]);
  const [taskName, setTaskName] = useState<string | null>(null);
  /** The focus goes back to where it came from. */
  const [leftTask, setLeftTask] = useState<string | null>(null);
  const [language, setLanguage] = useState("en");
  const phone: Phone = useMemo(
    () => ({ cardholder, api, pins, relay: fetchRelay({ baseUrl: `/sandbox/relay/${relayFault}` }) }),
    [cardholder, api, pins, relayFault],
  );
  const focus = useFocus();
  const tasks = protocol?.tasks ?? [];
  const task = tasks.find(({ name }) => name === taskName);
  const nextTask = card === null ? null : (protocol?.next(phone, card) ?? null);
  const isFresh = card?.pin.status === "not_set";
  const open = (name: string) => {
    setTaskName(name);
    setLeftTask(name);
  };
  const leave = () => setTaskName(null);

  return (
    <>
      <div class="phone">
        <div class="screen" lang={language} dir={directionOf(language)}>
          {task === undefined ? (
            <>
              <BankCard card={card} />
              <fieldset class="protocols">
                <legend>The bank's issuer speaks</legend>
                {protocolTable.map((offered) => (
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
                <p class="empty">{protocol?.title} shows a PIN that is there. Choose one first, by Solaris or Adyen.</p>
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
        The bank's app speaks
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
          {Object.entries(relayFaults).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </>
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
