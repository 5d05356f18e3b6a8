import { randomBytes, randomInt } from "node:crypto";
import { hasCheckDigit } from "../../packages/server/src/cards/pan.ts";
import { type Needle, needlesOf } from "./secret-forms.ts";

/** How a secret came to the issuer, or left it: what the platform keeps of it differs. */
export type Way =
  /** Only ever encrypted, in and out. */
  | "sealed"
  /** By a plain body, as Venly's protocol allows. */
  | "plain body"
  /** By a header, a URL or a body that is parsed to strings. */
  | "text"
  /** In the one answer that is meant to tell it. */
  | "told"
  /** By letter. */
  | "letter"
  /** No secret: what is kept in clear, and must be found. */
  | "kept";

/** Random, so that what is found is from nowhere else. */
export class Secrets {
  readonly #ways = new Map<string, Way>();
  readonly #needles: Needle[] = [];

  /** Twelve digits, as long as a PIN gets. `name`: the road it takes. */
  pin(way: Way, name: string): string {
    return this.add(way, name, String(randomInt(1e11, 1e12)));
  }

  /** As an emergency code is: 25 letters and digits. */
  code(way: Way, name: string): string {
    return this.add(way, name, alphanumeric(25));
  }

  /** Six digits are no rarity, but the bytes around them are. */
  venlyPin(way: Way, name: string): string {
    const pin = String(randomInt(1e5, 1e6));
    this.add(way, `${name}, in JSON`, `"value":"${pin}"`);
    this.add(way, `${name}, as it is hashed`, `PIN\0\0\0\x06${pin}`);
    return pin;
  }

  /** As long as a session key. */
  key(way: Way, name: string): string {
    return this.add(way, name, alphanumeric(32));
  }

  /** Nineteen digits, the last by ISO/IEC 7812-1 Annex B. */
  pan(way: Way, name: string): string {
    const account = String(randomInt(1e14, 2e14)).padEnd(18, "0");
    const pan = [..."0123456789"].map((digit) => account + digit).find((text) => hasCheckDigit(Buffer.from(text)));
    return this.add(way, name, pan as string);
  }

  add(way: Way, name: string, text: string): string {
    this.#ways.set(name, way);
    this.#needles.push(...needlesOf(name, text));
    return text;
  }

  needles(...ways: readonly Way[]): Needle[] {
    return this.#needles.filter(({ secret }) => ways.includes(this.#ways.get(secret) as Way));
  }

  names(...ways: readonly Way[]): string[] {
    return [...this.#ways].filter(([, way]) => ways.includes(way)).map(([name]) => name);
  }
}

function alphanumeric(length: number): string {
  return randomBytes(length).toString("base64").replace(/\W/g, "x").slice(0, length);
}
