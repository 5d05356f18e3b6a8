import { vaultSchemeOf } from "@linchpin/vault";
import { isLoopback } from "./loopback.ts";
import { settingInvalid } from "./parse-setting.ts";
import type { Receiver, Settings } from "./settings.ts";

/** Checks that concern several settings. The form of a single setting is checked by the parser in its row. */
export function checkSettings(settings: Settings, receivers: readonly Receiver[]): void {
  checkSecretsOfReceivers(settings);
  if (settings.healthPort === settings.port)
    throw settingInvalid(
      "LINCHPIN_HEALTH_PORT must not be LINCHPIN_PORT, where the same is answered by the rules of all routes",
    );
  if (settings.mode === "production") checkProduction(settings, receivers);
  else checkSandbox(settings);
}

/** Whoever reaches a sandbox reads its messages and knows its credentials. */
function checkSandbox({ host, sandboxHosts }: Settings): void {
  if (!isLoopback(host) && sandboxHosts.length === 0)
    throw settingInvalid(
      "a sandbox listens on loopback alone, as it shows OTPs and PINs to whoever asks: to open it to all who reach LINCHPIN_HOST, set LINCHPIN_SANDBOX_HOSTS to the names that they use, localhost where the port of a container is mapped",
    );
}

/** A receiver of events must not be able to sign a message, so each kind of receiver has a secret of its own. */
function checkSecretsOfReceivers({ messagesUrl, outboxSecret, eventsUrl, eventsSecret }: Settings): void {
  if (messagesUrl !== null && (outboxSecret ?? "").length < 32)
    throw settingInvalid("LINCHPIN_OUTBOX_SECRET must have at least 32 characters where messages are posted");
  if (eventsUrl !== null && (eventsSecret ?? "").length < 32)
    throw settingInvalid(
      "LINCHPIN_EVENTS_SECRET must have at least 32 characters where events are posted: LINCHPIN_OUTBOX_SECRET signs messages alone",
    );
  if (eventsSecret !== null && eventsSecret === outboxSecret)
    throw settingInvalid(
      "LINCHPIN_EVENTS_SECRET must not be LINCHPIN_OUTBOX_SECRET: a receiver of events could forge messages",
    );
}

/** The settings that a sandbox makes by itself and that an operator of production must set. */
function checkProduction(settings: Settings, receivers: readonly Receiver[]): void {
  if (settings.tls === null && !settings.tlsEndsElsewhere && !isLoopback(settings.host))
    throw settingInvalid(
      "production listens on other than loopback only with TLS: set LINCHPIN_TLS_CERTIFICATE_FILE and LINCHPIN_TLS_KEY_FILE, or LINCHPIN_TLS_ENDS_ELSEWHERE=yes where a proxy in front ends it",
    );
  if (settings.databaseUrl === null)
    throw settingInvalid(
      "production needs LINCHPIN_DATABASE_URL; to try things on, set LINCHPIN_MODE=sandbox, which makes all that it needs",
    );
  if (settings.dataFolder === null)
    throw settingInvalid("production refuses LINCHPIN_DATA=memory: it keeps nothing, and is for LINCHPIN_MODE=sandbox");
  const usesMasterKey = [settings.vault, settings.formerVault].some(
    (uri) => uri !== null && vaultSchemeOf(uri).usesMasterKey,
  );
  if (usesMasterKey && settings.masterKey === null && settings.masterKeyFile === null)
    throw settingInvalid(
      "production needs LINCHPIN_MASTER_KEY or LINCHPIN_MASTER_KEY_FILE: it never makes a master key by itself",
    );
  if (settings.messagesUrl === null)
    throw settingInvalid("production needs LINCHPIN_MESSAGES_URL: OTPs and TANs have no other way out");
  for (const { name, url, clearTextRisk } of receivers)
    if (!isSealedOrLoopback(url))
      throw settingInvalid(`production needs https in ${name}, save on loopback: ${clearTextRisk}`);
}

function isSealedOrLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || isLoopback(hostname);
}
