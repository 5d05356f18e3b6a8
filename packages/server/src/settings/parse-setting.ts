import { isIP, isIPv6 } from "node:net";
import { LinchpinError } from "@linchpin/core";
import { vaultSchemeOf } from "@linchpin/vault";
import { dayMs, hourMs } from "../durations.ts";

// Parsers of settings: each takes the text and the name of the variable, and throws `settings_invalid` for another form.

export function settingInvalid(reason: string): LinchpinError {
  return new LinchpinError("settings_invalid", { reason });
}

export function text(given: string): string {
  return given;
}

/** A folder; null for `memory:`, which keeps nothing. */
export function folderOrMemory(given: string, name: string): string | null {
  if (given === "memory:") return null;
  if (given.startsWith("memory:")) throw settingInvalid(`${name} must be a folder, or memory: and nothing after it`);
  return given;
}

/** Words with commas between. */
export function words(given: string): readonly string[] {
  return given.split(",").map((word) => word.trim());
}

export function oneOf<const Word extends string>(...words: Word[]): (given: string, name: string) => Word {
  return (given, name) => {
    const word = words.find((candidate) => candidate === given);
    if (word === undefined) throw settingInvalid(`${name} must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
    return word;
  };
}

/** True for the first word, false for the second. */
export function flag(yes: string, no: string): (given: string, name: string) => boolean {
  const parse = oneOf(yes, no);
  return (given, name) => parse(given, name) === yes;
}

export function integer({ min = 0, max }: { min?: number; max: number }): (given: string, name: string) => number {
  return (given, name) => {
    const number = Number(given);
    if (!/^\d+$/.test(given) || number < min || number > max)
      throw settingInvalid(`${name} must be a whole number from ${min} to ${max}`);
    return number;
  };
}

export function url(given: string, name: string): string {
  if (!/^https?:$/.test(URL.parse(given)?.protocol ?? ""))
    throw settingInvalid(`${name} must be of the form https://…`);
  return given;
}

/** A URL to which paths are appended: without a slash at its end. */
export function baseUrl(given: string, name: string): string {
  return url(given, name).replace(/\/+$/, "");
}

/** Addresses and networks (CIDR) of IPv4 or IPv6, with commas between. */
export function networks(given: string, name: string): readonly string[] {
  const entries = given.split(",").map((entry) => entry.trim());
  for (const entry of entries) {
    const [address = "", prefix, ...more] = entry.split("/");
    const maxPrefix = isIPv6(address) ? 128 : 32;
    const fitsPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= maxPrefix);
    if (isIP(address) === 0 || !fitsPrefix || more.length > 0)
      throw settingInvalid(`${name} must be as in 10.0.0.5, 10.1.0.0/16, fd00::/8`);
  }
  return entries;
}

/** Host names and addresses as they stand in URLs, without ports, with commas between. */
export function hostNames(given: string, name: string): readonly string[] {
  const hosts = given.split(",").map((host) => host.trim().toLowerCase());
  for (const host of hosts)
    if (!/^[a-z0-9.:[\]-]+$/.test(host) || URL.parse(`http://${host}`)?.hostname !== host)
      throw settingInvalid(`${name} must be as in localhost,issuer.test,10.0.2.2`);
  return hosts;
}

/** The URI of a vault that a scheme of `@linchpin/vault` can open. */
export function vaultUri(given: string, name: string): string {
  vaultSchemeOf(given, name).check(given, name);
  return given;
}

/** Purpose → how long a key is the current one, in ms. */
export function keyRotation(given: string, name: string): ReadonlyMap<string, number> {
  const entries = given.split(",").map((entry) => /^\s*([a-z-]+)=([1-9][0-9]{0,4})(d|h)\s*$/.exec(entry));
  return new Map(
    entries.map((entry) => {
      const [, purpose, count, unit] = entry ?? [];
      if (purpose === undefined) throw settingInvalid(`${name} must be as in solaris-pin=90d, card-pin=365d`);
      return [purpose, Number(count) * (unit === "d" ? dayMs : hourMs)];
    }),
  );
}
