import "@linchpin/elements";
import "./pin-entry-element.ts";
import type { RootPins } from "@linchpin/device/native";
import { render } from "preact";
import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { type Cardholder, fetchPins, makeCardholder, openCardholder } from "./cardholder.ts";
import { openIssuerApi } from "./issuer/issuer-api.ts";
import { IssuerView, useIssuerState } from "./issuer/issuer-view.tsx";
import { type Exchange, follow } from "./journey/exchange.ts";
import { Journey } from "./journey/journey.tsx";
import { PhoneView } from "./phone/phone.tsx";
import { native } from "./protocols/native.tsx";
import type { PageProtocol } from "./protocols/protocol.ts";
import { protocolTable } from "./protocols/protocol-table.ts";
import { Terminal } from "./terminal.tsx";
import type { SandboxEvent } from "./wire/sandbox-event.ts";

/** How long after the last message the issuer's side is read anew. */
const settledMs = 150;

/** By way of the sandbox, whose events come in order: this one behind those of the messages. */
function conclude(code: string | null): void {
  const body = JSON.stringify({ code });
  const headers = { "content-type": "application/json" };
  // Without a network the phone alone says it.
  fetch("/sandbox/conclusions", { method: "POST", headers, body }).catch(() => {});
}

function App({ first, pins }: { first: Cardholder; pins: RootPins }) {
  const [cardholder, setCardholder] = useState(first);
  const [revision, reload] = useReducer<number, void>((count) => count + 1, 0);
  const [journey, tell] = useReducer(
    (journey: readonly Exchange[], event: SandboxEvent | "clear") => (event === "clear" ? [] : follow(journey, event)),
    [],
  );
  const [chosen, setProtocol] = useState<PageProtocol>(protocolTable[0]);
  const protocol = cardholder.isNativeOnly ? native : chosen;
  const [isPinned, setIsPinned] = useState(true);
  const renew = async (isNativeOnly: boolean) => setCardholder(await makeCardholder(isNativeOnly));
  const api = useMemo(() => openIssuerApi(cardholder), [cardholder]);
  const state = useIssuerState(api, revision);
  useEffect(() => {
    const source = new EventSource("/sandbox/events"); // connects anew by itself
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.onmessage = ({ data }) => {
      tell(JSON.parse(data));
      clearTimeout(timer);
      timer = setTimeout(reload, settledMs);
    };
    return () => source.close();
  }, []);

  return (
    <>
      <header class="page-header">
        <h1>
          <img src="/sandbox/icon.svg" alt="" /> Linchpin sandbox
        </h1>
        <p>{promiseOf(protocol, isPinned)}</p>
        <nav aria-label="Parts of this page">
          <a href="#phone">Phone</a>
          <a href="#journey">Journey</a>
          <a href="#issuer">Issuer</a>
        </nav>
        <nav aria-label="Elsewhere">
          <button type="button" class="quiet" onClick={() => renew(cardholder.isNativeOnly === true)}>
            New cardholder
          </button>
          <a href="/docs">API</a>
          <a href="/sandbox">Credentials</a>
        </nav>
      </header>
      <main>
        <div id="phone" class="column">
          <PhoneView
            key={cardholder.cardId}
            {...{ cardholder, api, pins, protocol, setProtocol, isPinned, setIsPinned, conclude, renew }}
            card={state?.card ?? null}
          />
          <Terminal key={`terminal ${cardholder.cardId}`} api={api} card={state?.card ?? null} />
        </div>
        <div id="journey" class="column">
          <Journey
            journey={journey}
            cardholder={cardholder}
            isPinned={isPinned || protocol.pinsRoots === true}
            clear={() => tell("clear")}
          />
        </div>
        <div id="issuer" class="column">
          {state !== null && <IssuerView state={state} api={api} reload={() => reload()} />}
        </div>
      </main>
    </>
  );
}

/** What holds whatever the partner does; without roots, what does not. */
function promiseOf(protocol: PageProtocol, isPinned: boolean): string {
  const travels = "A PIN travels from the keypad to the issuer's vault";
  if (protocol.pinsRoots) return `${travels}. Nobody in between can read it, move it or make up an answer.`;
  if (isPinned) return `${travels}, and nobody in between can open what the phone seals.`;
  return `${travels}. No roots are pinned: a partner that relays can not read it, one that lies can.`;
}

render(<App first={await openCardholder()} pins={await fetchPins()} />, document.body);
