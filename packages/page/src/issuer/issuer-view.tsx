import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { AuditEvent, AuditVerification, CardState, IssuerApi, IssuerKey, Message } from "./issuer-api.ts";

export interface IssuerState {
  readonly card: CardState;
  readonly messages: readonly Message[];
  readonly keys: readonly IssuerKey[];
  readonly auditEvents: readonly AuditEvent[];
}

/** Read anew whenever `revision` is another. */
export function useIssuerState(api: IssuerApi, revision: number): IssuerState | null {
  const [state, setState] = useState<IssuerState | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const reading = Promise.all([api.card(), api.messages(), api.keys(), api.auditEvents()]);
    reading.then(
      ([card, messages, keys, auditEvents]) => isCurrent && setState({ card, messages, keys, auditEvents }),
      () => {}, // the next message tries again
    );
    return () => {
      isCurrent = false;
    };
  }, [api, revision]);
  return state;
}

/** The issuer's own side: the card, what went out, the keys, the audit chain. */
export function IssuerView({ state, api, reload }: { state: IssuerState; api: IssuerApi; reload: () => void }) {
  return (
    <section class="issuer-view" aria-label="The issuer">
      <CardPanel card={state.card} api={api} reload={reload} />
      <MessagesPanel messages={state.messages} />
      <KeysPanel keys={state.keys} api={api} reload={reload} />
      <AuditPanel events={state.auditEvents} api={api} />
    </section>
  );
}

/** What an operator looks at now and then. */
function Folded({ title, about, children }: { title: string; about: string; children: ComponentChildren }) {
  return (
    <details class="panel">
      <summary>
        <h2>{title}</h2> <small>{about}</small>
      </summary>
      {children}
    </details>
  );
}

type Reading = { api: IssuerApi; reload: () => void };

const pinStates = { not_set: "not set", active: "active", blocked: "blocked" } as const;

function CardPanel({ card, api, reload }: { card: CardState } & Reading) {
  const { pin, state } = card;
  const isActive = state === "active";
  return (
    <section class="panel">
      <h2>The card</h2>
      <dl>
        <Fact name="Card">{state}</Fact>
        <Fact name="PIN">{pinStates[pin.status]}</Fact>
        <Fact name="Changes">{pin.version}</Fact>
        <Fact name="Tries left">{pin.remainingAttempts}</Fact>
        <Fact name="Chip">{pin.chip === "pending" ? "has the old PIN" : "in step"}</Fact>
      </dl>
      <div class="buttons">
        <button type="button" disabled={pin.status !== "blocked"} onClick={() => api.unblockPin().finally(reload)}>
          Unblock the PIN
        </button>
        <button type="button" onClick={() => api.setCardState(isActive ? "blocked" : "active").finally(reload)}>
          {isActive ? "Block the card" : "Unblock the card"}
        </button>
      </div>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function MessagesPanel({ messages }: { messages: readonly Message[] }) {
  const [newest, ...earlier] = messages.toReversed();
  return (
    <section class="panel">
      <h2>What went out</h2>
      {newest === undefined && <p class="empty">Nothing yet. Codes come by SMS, PINs by post.</p>}
      <ul class="messages">
        {[newest, ...earlier.slice(0, 2)].map(
          (message) =>
            message !== undefined && (
              <li key={message.sentAt + message.text}>
                <span>{message.channel}</span> {message.text}
              </li>
            ),
        )}
      </ul>
    </section>
  );
}

function KeysPanel({ keys, api, reload }: { keys: readonly IssuerKey[] } & Reading) {
  const current = keys.filter(({ state }) => state === "current");
  return (
    <Folded title="Keys" about={`${current.length} current`}>
      <table>
        <thead>
          <tr>
            <th scope="col">for</th>
            <th scope="col">version</th>
            <th scope="col">age</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {current.map(({ id, purpose, version, createdAt }) => (
            <tr key={id}>
              <th scope="row">{purpose}</th>
              <td>
                {version}
                <Accepted keys={keys.filter((key) => key.purpose === purpose && key.state === "accepted")} />
              </td>
              <td>{ageOf(createdAt)}</td>
              <td>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`Rotate ${purpose}`}
                  onClick={() => api.rotateKey(purpose).finally(reload)}
                >
                  Rotate
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Folded>
  );
}

function Accepted({ keys }: { keys: readonly IssuerKey[] }) {
  if (keys.length === 0) return null;
  return <small>+{keys.length} accepted</small>;
}

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

function ageOf(createdAt: string): string {
  const seconds = Math.max(1, Math.floor((Date.now() - Date.parse(createdAt)) / 1000));
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function AuditPanel({ events, api }: { events: readonly AuditEvent[]; api: IssuerApi }) {
  const [verification, setVerification] = useState<AuditVerification | null>(null);
  // What was verified is not what stands there now.
  useEffect(() => setVerification(null), [events.length]);
  return (
    <Folded title="Audit chain" about={events.length === 1 ? "1 event" : `${events.length} events`}>
      <ol class="chain">
        {events.slice(-6).map(({ shard, sequence, operation, outcome, code, result = outcome, hash }) => (
          <li key={`${shard}.${sequence}`} class={["done", "match"].includes(result) ? "done" : "refused"}>
            <span>{operation}</span>
            <small>
              {outcome === "done" ? result : (code ?? "refused")} · link {sequence} of chain {shard} ·{" "}
              <code>{hash.slice(0, 8)}</code>
            </small>
          </li>
        ))}
      </ol>
      <div class="buttons">
        <button type="button" onClick={() => api.verifyAuditChain().then(setVerification)}>
          Verify the chains
        </button>
        <output>
          {verification !== null &&
            (verification.intact ? `✓ all ${verification.events} links hold` : "✗ a link is broken")}
        </output>
      </div>
    </Folded>
  );
}
