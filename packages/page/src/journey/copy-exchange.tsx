import { useState } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import { curlOf } from "./curl.ts";
import type { Exchange } from "./exchange.ts";
import type { Words } from "./words.ts";

/** Buttons that copy a message: as a command for a shell, and as a program that sends it by the device library. */
export function CopyExchange({
  exchange,
  words,
  cardholder,
}: {
  exchange: Exchange;
  words: Words;
  cardholder: Cardholder;
}) {
  const curl = curlOf(exchange, location.origin);
  return (
    <div class="copies">
      {curl !== null && <Copy name="curl" text={curl} />}
      {words.code !== undefined && <Copy name="code" text={programOf(words.code(cardholder), location.origin)} />}
    </div>
  );
}

function Copy({ name, text }: { name: string; text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 2000);
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      {isCopied ? `Copied ${name} ✓` : `Copy as ${name}`}
    </button>
  );
}

/** It runs as it stands, against the sandbox's own relay. */
function programOf({ imports, calls }: { imports: string; calls: string }, origin: string): string {
  return `${imports}
import { fetchRelay } from "@linchpin/device/relay";

const relay = fetchRelay({ baseUrl: "${origin}/sandbox/relay/honest" }); // yours: your own backend
${calls}
`;
}
