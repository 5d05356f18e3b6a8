// The elements in React without a wrapper; with `hydrate` in the query, over what a server rendered.
import { Pin, type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import type { ChangePin, PinChangeElement, PinRevealElement } from "@linchpin/elements";
import { createElement, StrictMode, useEffect, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { ChangeYourPin } from "./change-your-pin.tsx";

globalThis.eventsOfOurs = [];
const sixDigits: PinPolicy = { ...solarisPinPolicy, minLength: 6, maxLength: 6 };

/** As README.md has it. */
function Mounted() {
  const [changes, setChanges] = useState(0);
  const change: ChangePin = async () => void eventsOfOurs.push(`change after ${changes}`);
  useEffect(() => {
    document.body.dataset["changes"] = String(changes);
  }, [changes]);
  return <ChangeYourPin change={change} onChanged={() => setChanges(changes + 1)} />;
}

/** What else there is. */
function Further() {
  const [policy, setPolicy] = useState(solarisPinPolicy);
  const change: PinChangeElement["change"] = async (pin) => void eventsOfOurs.push(`change to ${pin.length} digits`);
  const reveal: PinRevealElement["reveal"] = async () => new Pin(Uint8Array.of(0x31, 0x39, 0x32, 0x38));
  const note = (event: Event) => eventsOfOurs.push(event.type);
  return (
    <>
      {createElement("linchpin-pin-change", { policy, change, "onpin-changed": () => setPolicy(sixDigits) })}
      {createElement("linchpin-pin-reveal", { reveal, "hide-after": 5, "onpin-shown": note })}
    </>
  );
}

const query = new URLSearchParams(location.search);
const app = <StrictMode>{query.has("further") ? <Further /> : <Mounted />}</StrictMode>;
const main = document.querySelector("main") ?? document.body;
if (query.has("hydrate")) {
  main.innerHTML = renderToString(app);
  hydrateRoot(main, app);
} else createRoot(main).render(app);
