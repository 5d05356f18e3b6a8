import { useEffect, useRef } from "preact/hooks";
import type { Cardholder } from "../cardholder.ts";
import { protocolTable } from "../protocols/protocol-table.ts";
import type { Attack, Step } from "../wire/sandbox-event.ts";
import { captionOf, refusedStep } from "./caption.ts";
import { conclusions } from "./conclusions.ts";
import { CopyExchange } from "./copy-exchange.tsx";
import type { Exchange } from "./exchange.ts";
import { issuerWords, type Words, wordsFor } from "./words.ts";

const everyWord = [...protocolTable.flatMap(({ words }) => words), ...issuerWords];

/** What happened, a row a message, from the device through the partner to the issuer. */
export function Journey({
  journey,
  cardholder,
  isPinned,
  clear,
}: {
  journey: readonly Exchange[];
  cardholder: Cardholder;
  /** Whether the phone has the issuer's roots for the protocol that it speaks. */
  isPinned: boolean;
  clear: () => void;
}) {
  const end = useRef<HTMLDivElement>(null);
  // The last row, also while steps come in.
  useEffect(() => {
    const list = end.current?.parentElement;
    list?.scrollTo({ top: list.scrollHeight });
  }, [journey]);
  return (
    <section class="journey" aria-labelledby="journey-title">
      <header>
        <h2 id="journey-title">The journey</h2>
        <button type="button" class="quiet" onClick={clear} disabled={journey.length === 0}>
          Clear
        </button>
      </header>
      <div class="lanes">
        <Lane name="Device" sees="knows the PIN, wipes it" sign="M4 12h.01M9.3 12h.01M14.7 12h.01M20 12h.01" />
        <Lane
          name="Partner"
          sees={isPinned ? "relays sealed messages" : "relays, and may swap keys"}
          sign="M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3"
        />
        <Lane name="Issuer" sees="opens it inside the vault" sign="M15 9a4 4 0 1 1-1-2.6M13 12l-8 8M7 18l2 2" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <div class="rows" role="log" aria-label="Messages" tabIndex={0}>
        {journey.length === 0 && <Empty />}
        {journey.map((exchange) => (
          <Row key={exchange.id} exchange={exchange} cardholder={cardholder} />
        ))}
        <div ref={end} />
      </div>
    </section>
  );
}

function Lane({ name, sees, sign }: { name: string; sees: string; sign: string }) {
  return (
    <div class="lane">
      <strong>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={sign} />
        </svg>
        {name}
      </strong>
      <span>{sees}</span>
    </div>
  );
}

function Empty() {
  return (
    <p class="empty">Start on the phone, or send a request of your own: every message to this issuer shows up here.</p>
  );
}

function Row({ exchange, cardholder }: { exchange: Exchange; cardholder: Cardholder }) {
  const { method, path, relayed, requestId, answer, returned, isPartnersOwn } = exchange;
  const words = wordsFor(everyWord, method, path);
  const caption = captionOf(exchange, words);
  const saysOfDevice = relayed === undefined && words.direct === undefined ? "" : words.device;
  const isRefused = caption.isSuccess === false || (returned?.status ?? 200) >= 400 || returned?.status === null;
  return (
    <article class={isRefused ? "row refused" : "row"}>
      <div class={saysOfDevice === "" && exchange.conclusion === undefined ? "cell device empty-cell" : "cell device"}>
        <Party name="Device" />
        {saysOfDevice}
        <Concluded exchange={exchange} />
      </div>
      <div class="cell partner">
        <Party name="Partner" />
        {relayed === undefined ? (
          <span class="absent">
            {isPartnersOwn ? "the partner, without the phone" : (words.direct ?? "a client of your own")}
          </span>
        ) : (
          <Relaying exchange={exchange} words={words} cardholder={cardholder} isRefused={isRefused} />
        )}
      </div>
      <div class="cell issuer">
        <Party name="Issuer" />
        {requestId === undefined ? (
          <span class="absent">{returned === undefined ? "…" : "nothing arrived"}</span>
        ) : (
          <>
            <p class={caption.isSuccess === false ? "bad" : undefined}>{caption.text}</p>
            <code>
              {method} <Path path={path} />
            </code>
            <Steps steps={exchange.steps} refusedAt={refusedStep(exchange.steps, caption)} />
            {answer !== undefined && <Status status={answer.status} elapsedMs={answer.elapsedMs} />}
          </>
        )}
      </div>
    </article>
  );
}

/** Seen where the three stand below each other, and heard everywhere. */
function Party({ name }: { name: string }) {
  return <strong class="party">{name}</strong>;
}

/** What the phone made of it, where somebody on the way lied or failed. */
function Concluded({ exchange: { conclusion, attack } }: { exchange: Exchange }) {
  if (conclusion === undefined) return null;
  if (conclusion === null)
    return attack?.believed === undefined ? null : (
      <>
        <p class="attack succeeded">The phone {attack.believed}.</p>
        <Limit attack={attack} />
      </>
    );
  const sentence = conclusions[conclusion];
  return sentence === undefined ? null : <p class="attack stopped">The phone {sentence}.</p>;
}

function Relaying({
  exchange,
  words,
  cardholder,
  isRefused,
}: {
  exchange: Exchange;
  words: Words;
  cardholder: Cardholder;
  isRefused: boolean;
}) {
  const { method, path, relayed, returned, attack } = exchange;
  const sent = Object.entries(relayed?.headers ?? {}).filter(([name]) => name !== "content-type");
  return (
    <>
      {attack === undefined && <p>{isRefused ? (words.partnerOfRefusal ?? words.partner) : words.partner}</p>}
      {attack !== undefined && <p class={`attack ${attack.outcome}`}>The partner {attack.text}.</p>}
      {attack?.outcome === "succeeded" && attack.believed === undefined && <Limit attack={attack} />}
      <details>
        <summary>What it saw</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
        <pre tabIndex={0}>
          {`${method} ${path}\n`}
          {sent.map(([name, value]) => `${name}: ${value}\n`)}
          {relayed?.body !== null && `\n${pretty(relayed?.body ?? "")}\n`}
          {returned !== undefined && `\n⇠ ${returned.status ?? "no answer"}\n${pretty(returned.body)}`}
        </pre>
      </details>
      <CopyExchange exchange={exchange} words={words} cardholder={cardholder} />
      {returned !== undefined && <Status status={returned.status} />}
    </>
  );
}

/** What roots do not stop is said beside it: a reader would look for them there. */
function Limit({ attack: { limit } }: { attack: Attack }) {
  return limit === undefined ? null : <p class="limit">Roots do not stop this: {limit}.</p>;
}

function Steps({ steps, refusedAt }: { steps: readonly Step[]; refusedAt: number }) {
  if (steps.length === 0) return null;
  return (
    <ol class="steps">
      {steps.map(({ label, refusal, elapsedMs }, index) => (
        <li key={index} class={index === refusedAt ? "refusal" : "passed"}>
          <span class="sign" aria-hidden="true">
            {index === refusedAt ? "✗" : "✓"}
          </span>
          <span>
            {label}
            {refusal !== null && <code>{refusal}</code>}
          </span>
          <span class="elapsed">{elapsedMs.toFixed(1)} ms</span>
        </li>
      ))}
    </ol>
  );
}

function Status({ status, elapsedMs }: { status: number | null; elapsedMs?: number }) {
  const isGood = status !== null && status < 400;
  return (
    <span class={isGood ? "status good" : "status bad"}>
      ⇠ {status ?? "no answer"}
      {elapsedMs !== undefined && ` · ${elapsedMs.toFixed(0)} ms`}
    </span>
  );
}

/** Names of cards and persons say nothing to a reader. A long path breaks before its slashes. */
function Path({ path }: { path: string }) {
  const parts = path.replace(/(?=[\w-]*\d)[\w-]{20,}/g, "…").split(/(?=[/?])/);
  return parts.map((part) => (
    <>
      <wbr />
      {part}
    </>
  ));
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
