// The page that the browser tests open. What it does stands in the query, so that nothing has to be injected:
// `element`, `policy` (JSON), `answer` (done, never, or the code of a LinchpinError); other names are attributes.
import { type ErrorCode, LinchpinError, Pin, type PinPolicy } from "@linchpin/core";
import {
  type ChangePin,
  PinChangeElement,
  PinRevealElement,
  type RevealPin,
  registerMessages,
} from "../../../src/index.ts";

declare global {
  /** For the tests to read: how often the caller's function was called, the events that came, the signal it was given. */
  var calls: number;
  var eventsOfOurs: string[];
  var abortCount: number;
  /** Whether the PIN that was given, or handed over, is zeros by now. */
  var isWiped: () => boolean;
  /** How the test ends a call that is under way. */
  var settle: (code?: ErrorCode) => void;
}

const {
  element,
  policy,
  answer = "done",
  theme,
  dir,
  pin = "",
  ...attributes
} = Object.fromEntries(new URLSearchParams(location.search));
globalThis.calls = 0;
globalThis.abortCount = 0;
globalThis.eventsOfOurs = [];

registerMessages("ar", {
  chooseTitle: "اختر رقمك السري الجديد",
  step: "الخطوة {step} من {steps}",
  ruleLength: "{max} أرقام",
  ruleSequence: "بلا تسلسل مثل 1234 أو 4321",
  ruleRepeats: "لا رقم أكثر من {count} مرات",
  next: "متابعة",
});

document.documentElement.dir = dir ?? "ltr";
if (theme !== undefined) document.documentElement.classList.add(theme);
for (const type of ["pin-changed", "pin-change-failed", "pin-shown", "pin-hidden", "pin-reveal-failed"])
  document.addEventListener(type, (event) => {
    eventsOfOurs.push([type, JSON.stringify((event as CustomEvent).detail)].join(" "));
  });

const host = document.createElement(`linchpin-${element}`);
for (const [name, value] of Object.entries(attributes)) host.setAttribute(name, value);
if (policy !== undefined && host instanceof PinChangeElement) host.policy = JSON.parse(policy) as PinPolicy;
const change: ChangePin = async (given, { signal }) => {
  // Told to the test's server and to nobody in the page.
  globalThis.isWiped = () => given.asciiDigits().every((digit) => digit === 0);
  await fetch("/received", { method: "POST", body: Uint8Array.from(given.asciiDigits()) });
  await finish(signal);
};
const reveal: RevealPin = async ({ signal }) => {
  await finish(signal);
  const found = new Pin(new Uint8Array(await (await fetch(`/pin?${pin}`)).arrayBuffer()));
  globalThis.isWiped = () => found.asciiDigits().every((digit) => digit === 0);
  return found;
};
if (host instanceof PinChangeElement) host.change = change;
if (host instanceof PinRevealElement) host.reveal = reveal;
document.querySelector("main")?.append(host);

async function finish(signal: AbortSignal): Promise<void> {
  globalThis.calls += 1;
  signal.addEventListener("abort", () => {
    globalThis.abortCount += 1;
  });
  if (answer === "done") return;
  if (answer === "TypeError") throw new TypeError("fetch failed");
  if (answer !== "wait") throw new LinchpinError(answer as ErrorCode);
  await new Promise<void>((resolve, reject) => {
    globalThis.settle = (code) => (code === undefined ? resolve() : reject(new LinchpinError(code)));
  });
}
