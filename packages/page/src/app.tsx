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
import { Terminal } from "./terminal.tsx";
import type { SandboxEvent } from "./wire/sandbox-event.ts";

/** How long after the last message the issuer's side is read anew. */
const settledMs = 150;

function App({ first, pins }: { first: Cardholder; pins: RootPins }) {
  const [cardholder, setCardholder] = useState(first);
  const [revision, reload] = useReducer<number, void>((count) => count + 1, 0);
  const [journey, tell] = useReducer(
    (journey: readonly Exchange[], event: SandboxEvent | "clear") => (event === "clear" ? [] : follow(journey, event)),
    [],
  );
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
        <p>A PIN travels from the keypad to the issuer's vault, and nobody in between can read it.</p>
        <nav aria-label="Parts of this page">
          <a href="#phone">Phone</a>
          <a href="#journey">Journey</a>
          <a href="#issuer">Issuer</a>
        </nav>
        <nav aria-label="Elsewhere">
          <button type="button" class="quiet" onClick={async () => setCardholder(await makeCardholder())}>
            New cardholder
          </button>
          <a href="/docs">API</a>
          <a href="/sandbox">Credentials</a>
        </nav>
      </header>
      <main>
        <div id="phone" class="column">
          <PhoneView key={cardholder.cardId} cardholder={cardholder} card={state?.card ?? null} api={api} pins={pins} />
          <Terminal key={`terminal ${cardholder.cardId}`} api={api} card={state?.card ?? null} />
        </div>
        <div id="journey" class="column">
          <Journey journey={journey} cardholder={cardholder} clear={() => tell("clear")} />
        </div>
        <div id="issuer" class="column">
          {state !== null && <IssuerView state={state} api={api} reload={() => reload()} />}
        </div>
      </main>
    </>
  );
}

render(<App first={await openCardholder()} pins={await fetchPins()} />, document.body);
