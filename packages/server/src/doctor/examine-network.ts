import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { LinchpinError } from "@linchpin/core";
import { dayMs } from "../durations.ts";
import { readTls } from "../http/index.ts";
import { receiversOf, type TlsFiles } from "../settings/index.ts";
import type { Deployment } from "./examine.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

const timeoutMs = 5_000;
const renewalDays = 14;
/** systemd copies a credential when it starts the service, so that a renewed file is not seen before the next start. */
const whenItIsTaken =
  "a running server takes it within a minute, but under systemd's LoadCredential only after a restart";

/** Examines how callers reach the issuer, and whether the issuer reaches the URLs that it posts to. */
export async function* examineNetwork({ settings, protocols, clock }: Deployment): AsyncGenerator<Finding> {
  const { tls, tlsEndsElsewhere, host, publicUrl, requestsPerMinute } = settings;
  if (tls !== null) yield await examineCertificate(tls, publicUrl, clock());
  else if (tlsEndsElsewhere)
    yield warning("TLS", "ends elsewhere, by your word", "make sure that no other way leads here");
  else yield good("TLS", `nobody but this machine reaches ${host}`);
  if (publicUrl !== null && !publicUrl.startsWith("https:"))
    yield warning("public URL", "is in clear", "partners send credentials to it: LINCHPIN_PUBLIC_URL=https://…");
  if (requestsPerMinute === 0)
    yield warning("rate limit", "is off", "set LINCHPIN_REQUESTS_PER_MINUTE, unless something in front limits callers");
  for (const { name, url } of receiversOf(protocols, settings)) yield await reach(name, url);
}

async function examineCertificate(tls: TlsFiles, publicUrl: string | null, now: Date): Promise<Finding> {
  try {
    await readTls(tls);
  } catch (error) {
    const reason = error instanceof LinchpinError ? (error.reason ?? error.code) : "can not be read";
    return bad("TLS", reason, "LINCHPIN_TLS_CERTIFICATE_FILE and LINCHPIN_TLS_KEY_FILE say which files");
  }
  const certificate = new X509Certificate(await readFile(tls.certificateFile));
  const days = Math.floor((Date.parse(certificate.validTo) - now.getTime()) / dayMs);
  if (Date.parse(certificate.validFrom) > now.getTime() || days < 0)
    return bad("TLS", "the certificate is not valid today", `renew it; ${whenItIsTaken}`);
  const host = publicUrl === null ? null : new URL(publicUrl).hostname;
  if (host !== null && !isFor(certificate, host))
    return bad("TLS", `the certificate is not for ${host}`, "take one that is");
  if (days < renewalDays) return warning("TLS", `the certificate ends in ${days} days`, `renew it; ${whenItIsTaken}`);
  return good("TLS", `the certificate serves for ${days} days`);
}

function isFor(certificate: X509Certificate, host: string): boolean {
  // The host of a URL has an IPv6 address in brackets.
  const address = host.replace(/^\[(.*)\]$/, "$1");
  return isIP(address) === 0 ? certificate.checkHost(host) !== undefined : certificate.checkIP(address) !== undefined;
}

/** This request has no valid body, so what refuses it is there. What says that nothing is there, or redirects, is not. */
async function reach(name: string, url: string): Promise<Finding> {
  try {
    const { status } = await fetch(url, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    if (status === 404 || status === 410)
      return warning(name, `answers ${status}: nothing is at that path`, "what is posted there waits; see the path");
    if (status >= 300 && status < 400)
      return warning(name, `answers ${status}: redirects are not followed`, "set the URL that it redirects to");
    if (status >= 500)
      return warning(name, `answers ${status}`, "what is posted there waits and is tried again; see why it fails");
    return good(name, "answers");
  } catch {
    return warning(name, "does not answer", "what is posted there waits and is tried again; see whether it runs");
  }
}
