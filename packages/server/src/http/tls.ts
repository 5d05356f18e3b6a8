import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type TlsOptions, type Server as TlsServer } from "node:tls";
import { LinchpinError } from "@linchpin/core";
import { readSecretFile } from "@linchpin/vault";
import type { Logger } from "pino";
import type { TlsFiles } from "../settings/index.ts";

/**
 * TLS 1.2 or later, by the certificate and key of these files; where there is one of authorities, callers too show a
 * certificate, of one of them.
 * @throws LinchpinError `settings_invalid`: a file can not be read, the key is open to others, or they do not fit
 */
export async function readTls({ certificateFile, keyFile, clientCaFile }: TlsFiles): Promise<TlsOptions> {
  const options: SecureContextOptions = {
    cert: await readCertificates("TLS certificate", certificateFile),
    key: await readSecretFile("TLS key", keyFile),
    ...(clientCaFile === null ? {} : { ca: await readCertificates("TLS client authorities", clientCaFile) }),
    minVersion: "TLSv1.2",
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw invalid(`TLS certificate ${certificateFile} and key ${keyFile} do not fit each other`, cause);
  }
  return { ...options, requestCert: clientCaFile !== null, rejectUnauthorized: clientCaFile !== null };
}

/**
 * Takes a renewed certificate within a minute, without a restart, where the files themselves are replaced; systemd's
 * LoadCredential hands over copies that stay as they are until a restart. One that does not fit is reported and left.
 */
export function startCertificateRenewal(
  server: Pick<TlsServer, "setSecureContext">,
  { tls, first, log }: { tls: TlsFiles; first: TlsOptions; log: Logger },
  everyMs = 60_000,
): { stop(): void } {
  let current = first;
  const timer = setInterval(async () => {
    try {
      const read = await readTls(tls);
      if (read.cert === current.cert && read.key === current.key && read.ca === current.ca) return;
      server.setSecureContext(read);
      current = read;
      log.info({ certificate: tls.certificateFile }, "certificate renewed");
    } catch (error) {
      log.error({ reason: (error as LinchpinError).reason }, "the renewed certificate does not serve");
    }
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function readCertificates(what: string, path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw invalid(`${what} ${path} can not be read as PEM`, cause);
  }
}

const invalid = (reason: string, cause: unknown) => new LinchpinError("settings_invalid", { reason, cause });
