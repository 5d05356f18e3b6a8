import type { RootPins } from "@linchpin/device/native";

/** Whose phone it is: names alone, and the operator's key for the terminal and the issuer's side of the page. */
export interface Cardholder {
  readonly cardId: string;
  readonly personId: string;
  readonly mobileNumber: string;
  /** The card's identifier in each protocol that has one. */
  readonly names: Readonly<Record<string, string>>;
  /** Whether the card's program is for the native protocol alone: to every other one the card is unknown. */
  readonly isNativeOnly?: boolean;
  /** The last eight digits of the card's number, as they stand on its plastic. */
  readonly lastDigits: string;
  /** What a device needs to know of the card besides, by protocol. */
  readonly forDevice: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly operatorApiKey: string;
}

const kept = "linchpin.cardholder";

/** The one of before the reload, else the sandbox's own. */
export async function openCardholder(): Promise<Cardholder> {
  const text = sessionStorage.getItem(kept);
  return text === null ? askForCardholder("GET") : (JSON.parse(text) as Cardholder);
}

/** Somebody new, with a new card. */
export async function makeCardholder(isNativeOnly: boolean): Promise<Cardholder> {
  const cardholder = await askForCardholder("POST", isNativeOnly ? "/native-only" : "");
  sessionStorage.setItem(kept, JSON.stringify(cardholder));
  return cardholder;
}

async function askForCardholder(method: "GET" | "POST", kind = ""): Promise<Cardholder> {
  return (await fetch(`/sandbox/cardholder${kind}`, { method })).json();
}

/** From the issuer's own origin, which serves this page. A partner's relay could answer with a root of its own. */
export async function fetchPins(): Promise<RootPins> {
  return (await fetch("/sandbox/pins")).json();
}
