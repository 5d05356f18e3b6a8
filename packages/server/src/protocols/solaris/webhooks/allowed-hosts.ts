import { isIP } from "node:net";
import { isLoopback, settingInvalid } from "../../../settings/index.ts";

/** A host at which partners' webhooks may be. */
export interface AllowedHost {
  /** As `URL.hostname` has it: in lower case, an IPv6 address in brackets. */
  readonly hostname: string;
  /** Null: every port. */
  readonly port: string | null;
}

/** Hosts with commas between, each with or without a port; `none`: no host. @throws LinchpinError `settings_invalid` */
export function allowedHosts(given: string, name: string): readonly AllowedHost[] {
  return given === "none" ? [] : given.split(",").map((entry) => allowedHost(entry.trim(), name));
}

function allowedHost(entry: string, name: string): AllowedHost {
  const [, host, port = null] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?$/.exec(entry) ?? [];
  const hostname = host === undefined ? undefined : URL.parse(`https://${host}`)?.hostname;
  if (hostname === undefined)
    throw settingInvalid(`${name} must be none, or as in hooks.partner.example, 10.0.0.5:8443, [::1]`);
  return { hostname, port };
}

/**
 * The URL of a webhook, if it is at an allowed host: https, on loopback also http, without credentials and without a
 * fragment. Null: it is not. The host is compared as a parsed URL has it, so that no other spelling of it passes.
 */
export function allowedUrl(text: string, hosts: readonly AllowedHost[]): URL | null {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || url.hash !== "") return null;
  const { protocol, hostname } = url;
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname))) return null;
  const port = url.port === "" ? (protocol === "https:" ? "443" : "80") : url.port;
  const isAllowed = hosts.some((host) => host.hostname === hostname && (host.port === null || host.port === port));
  return isAllowed ? url : null;
}

/** The operator named an address, or loopback by its name: it may be anywhere. Other names must lead to public addresses. */
export function namesAddress(hostname: string): boolean {
  return hostname === "localhost" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
}
