import { LinchpinError } from "@linchpin/core";
import { vaultSchemeOf } from "@linchpin/vault";

/** What an operator can set, each by an environment variable. */
export interface Settings {
  readonly mode: "sandbox" | "production";
  readonly host: string;
  readonly port: number;
  /** Origin that partners reach the issuer at; null: as it listens. */
  readonly publicUrl: string | null;
  /** Files of PEM; null: plain HTTP. */
  readonly tls: {
    readonly certificateFile: string;
    readonly keyFile: string;
    /** Who must have signed callers' certificates; null: callers show none. */
    readonly clientCaFile: string | null;
  } | null;
  /** The operator's word that a proxy in front ends TLS. */
  readonly tlsEndsElsewhere: boolean;
  readonly dataFolder: string;
  /** PostgreSQL; null: the embedded store in `dataFolder`. */
  readonly databaseUrl: string | null;
  readonly databasePrepare: boolean;
  readonly vault: string;
  /** Where keys are that were made before; null: nowhere else. */
  readonly formerVault: string | null;
  /** Purpose → how long a key is the current one, in ms. */
  readonly keyRotation: ReadonlyMap<string, number>;
  readonly masterKey: string | null;
  readonly masterKeyFile: string | null;
  readonly messagesUrl: string | null;
  readonly eventsUrl: string | null;
  /** Signs messages. */
  readonly outboxSecret: string | null;
  /** Signs events. Never the same: who receives events could forge messages. */
  readonly eventsSecret: string | null;
  readonly requestsPerMinute: number;
  /** Wrong PINs, signing methods and TANs of one caller, at one route; 0: no limit. */
  readonly wrongSecretsPerMinute: number;
  /** How Adyen's devices wrap their session keys. */
  readonly adyenKeyWrap: "pkcs1" | "oaep";
  /** Part of what Plumery's two sides derive keys from. */
  readonly plumeryHkdfInfo: string;
  /** What a Venly signing method is asked for, as methods and paths below `/venly`. */
  readonly venlyProtected: readonly { readonly method: string; readonly path: string }[];
  /** Base URL of what carries it out; null: there is none. */
  readonly venlyUpstreamUrl: string | null;
  readonly venlyUpstreamTimeoutMs: number;
  readonly logLevel: string;
}

interface Variable {
  readonly name: string;
  readonly about: string;
  /** As shown by `--help`; the value itself is given in `readSettings`. */
  readonly otherwise: string;
  readonly isSecret?: true;
}

const venlyProtectedByDefault = "POST /api/transactions, POST /api/transactions/execute";

/** Every variable, in the order of `linchpin serve --help`. */
export const settingVariables: readonly Variable[] = [
  { name: "LINCHPIN_MODE", about: "sandbox or production", otherwise: "production" },
  { name: "LINCHPIN_HOST", about: "address to listen on", otherwise: "127.0.0.1" },
  { name: "LINCHPIN_PORT", about: "port to listen on", otherwise: "8420" },
  { name: "LINCHPIN_PUBLIC_URL", about: "origin that callers use", otherwise: "as it listens" },
  { name: "LINCHPIN_TLS_CERTIFICATE_FILE", about: "PEM; its key beside it", otherwise: "none: plain HTTP" },
  { name: "LINCHPIN_TLS_KEY_FILE", about: "PEM that only its owner can read", otherwise: "none" },
  {
    name: "LINCHPIN_TLS_CLIENT_CA_FILE",
    about: "PEM of the authorities that must have signed callers' certificates",
    otherwise: "none: callers show no certificate",
  },
  {
    name: "LINCHPIN_TLS_ENDS_ELSEWHERE",
    about: "yes where a proxy in front ends TLS: production listens on other than loopback only with this or with TLS",
    otherwise: "no",
  },
  {
    name: "LINCHPIN_DATA",
    about: "folder for the embedded store and the sandbox's master key",
    otherwise: ".linchpin",
  },
  {
    name: "LINCHPIN_DATABASE_URL",
    about: "PostgreSQL 15 or later; production needs it",
    otherwise: "embedded in LINCHPIN_DATA",
    isSecret: true,
  },
  {
    name: "LINCHPIN_DATABASE_PREPARE",
    about: "whether connections keep their plans: off behind a PgBouncer before 1.21",
    otherwise: "on",
  },
  {
    name: "LINCHPIN_VAULT",
    about: "where keys compute: software, or a token: pkcs11:token=…?module-path=/…&pin-source=file:/… (RFC 7512)",
    otherwise: "software",
    // RFC 7512 lets it hold a PIN: that is refused, and not shown either.
    isSecret: true,
  },
  {
    name: "LINCHPIN_FORMER_VAULT",
    about: "the vault before, while it holds keys that are still needed",
    otherwise: "none",
    isSecret: true,
  },
  {
    name: "LINCHPIN_KEY_ROTATION",
    about: "keys that rotate by themselves, and how often: solaris-pin=90d, card-pin=365d",
    otherwise: "none, save those whose last day is published",
  },
  {
    name: "LINCHPIN_MASTER_KEY",
    about: "32 bytes in hex or base64 that the software vault's keys are sealed under",
    otherwise: "none",
    isSecret: true,
  },
  {
    name: "LINCHPIN_MASTER_KEY_FILE",
    about: "the same in a file that only its owner can read",
    otherwise: "LINCHPIN_DATA/master.key in the sandbox, which makes it",
  },
  {
    name: "LINCHPIN_MESSAGES_URL",
    about: "where messages to persons are posted; production needs it, by https or on loopback",
    otherwise: "none",
  },
  {
    name: "LINCHPIN_OUTBOX_SECRET",
    about: "key of the signature on messages, at least 32 characters",
    otherwise: "none",
    isSecret: true,
  },
  {
    name: "LINCHPIN_EVENTS_URL",
    about: "where events are posted; in production by https or on loopback",
    otherwise: "none",
  },
  {
    name: "LINCHPIN_EVENTS_SECRET",
    about: "key of the signature on events, at least 32 characters; not that of messages",
    otherwise: "none",
    isSecret: true,
  },
  {
    name: "LINCHPIN_REQUESTS_PER_MINUTE",
    about: "of one caller, before it is told to wait; 0: no limit",
    otherwise: "6000; 0 in the sandbox",
  },
  {
    name: "LINCHPIN_WRONG_SECRETS_PER_MINUTE",
    about: "wrong PINs, signing methods or TANs of one caller, before it is told to wait; 0: no limit",
    otherwise: "60; 0 in the sandbox",
  },
  {
    name: "LINCHPIN_ADYEN_KEY_WRAP",
    about: "how Adyen's devices wrap session keys: pkcs1 (RSAES-PKCS1-v1_5) or oaep (RSAES-OAEP, SHA-256)",
    otherwise: "pkcs1",
  },
  {
    name: "LINCHPIN_PLUMERY_HKDF_INFO",
    about: "HKDF info that is agreed with Plumery's side, as text",
    otherwise: "empty",
  },
  {
    name: "LINCHPIN_VENLY_PROTECTED",
    about: "methods and paths below /venly that need a signing method, with commas between",
    otherwise: venlyProtectedByDefault,
  },
  {
    name: "LINCHPIN_VENLY_UPSTREAM_URL",
    about: "where they are handed on to; production needs it to answer them",
    otherwise: "none; in the sandbox one that is built in",
  },
  { name: "LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS", about: "how long it may take to answer", otherwise: "10000" },
  { name: "LINCHPIN_LOG_LEVEL", about: "trace, debug, info, warn, error or silent", otherwise: "info" },
];

/** @throws LinchpinError `settings_invalid`: the reason names the variable and says what to do */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const value = (name: string) => environment[name]?.trim() || null;
  const mode = value("LINCHPIN_MODE") ?? "production";
  if (mode !== "sandbox" && mode !== "production") throw invalid("LINCHPIN_MODE must be sandbox or production");
  const settings: Settings = {
    mode,
    host: value("LINCHPIN_HOST") ?? "127.0.0.1",
    port: readInteger("LINCHPIN_PORT", value("LINCHPIN_PORT") ?? "8420", 65_535),
    publicUrl: readBaseUrl("LINCHPIN_PUBLIC_URL", value("LINCHPIN_PUBLIC_URL")),
    tls: readTlsFiles(value),
    tlsEndsElsewhere: readYesOrNo("LINCHPIN_TLS_ENDS_ELSEWHERE", value("LINCHPIN_TLS_ENDS_ELSEWHERE") ?? "no"),
    ...readStoreSettings(environment),
    vault: value("LINCHPIN_VAULT") ?? "software",
    formerVault: value("LINCHPIN_FORMER_VAULT"),
    keyRotation: readRotation(value("LINCHPIN_KEY_ROTATION")),
    masterKey: value("LINCHPIN_MASTER_KEY"),
    masterKeyFile: value("LINCHPIN_MASTER_KEY_FILE"),
    messagesUrl: readUrl("LINCHPIN_MESSAGES_URL", value("LINCHPIN_MESSAGES_URL")),
    eventsUrl: readUrl("LINCHPIN_EVENTS_URL", value("LINCHPIN_EVENTS_URL")),
    outboxSecret: value("LINCHPIN_OUTBOX_SECRET"),
    eventsSecret: value("LINCHPIN_EVENTS_SECRET"),
    requestsPerMinute: readInteger(
      "LINCHPIN_REQUESTS_PER_MINUTE",
      value("LINCHPIN_REQUESTS_PER_MINUTE") ?? (mode === "sandbox" ? "0" : "6000"),
      1_000_000,
    ),
    wrongSecretsPerMinute: readInteger(
      "LINCHPIN_WRONG_SECRETS_PER_MINUTE",
      value("LINCHPIN_WRONG_SECRETS_PER_MINUTE") ?? (mode === "sandbox" ? "0" : "60"),
      1_000_000,
    ),
    adyenKeyWrap: readKeyWrap(value("LINCHPIN_ADYEN_KEY_WRAP") ?? "pkcs1"),
    plumeryHkdfInfo: environment["LINCHPIN_PLUMERY_HKDF_INFO"] ?? "",
    venlyProtected: readProtected(value("LINCHPIN_VENLY_PROTECTED") ?? venlyProtectedByDefault),
    venlyUpstreamUrl: readBaseUrl("LINCHPIN_VENLY_UPSTREAM_URL", value("LINCHPIN_VENLY_UPSTREAM_URL")),
    venlyUpstreamTimeoutMs: readInteger(
      "LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS",
      value("LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS") ?? "10000",
      600_000,
      1,
    ),
    logLevel: readLogLevel(value("LINCHPIN_LOG_LEVEL") ?? "info"),
  };
  checkSettings(settings);
  return settings;
}

/** Where the store is, for what needs nothing else of the issuer. */
export function readStoreSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<Settings, "databaseUrl" | "databasePrepare" | "dataFolder"> {
  const prepare = environment["LINCHPIN_DATABASE_PREPARE"]?.trim() || "on";
  if (prepare !== "on" && prepare !== "off") throw invalid("LINCHPIN_DATABASE_PREPARE must be on or off");
  return {
    databaseUrl: environment["LINCHPIN_DATABASE_URL"]?.trim() || null,
    databasePrepare: prepare === "on",
    dataFolder: environment["LINCHPIN_DATA"]?.trim() || ".linchpin",
  };
}

function checkSettings(settings: Settings): void {
  checkVault("LINCHPIN_VAULT", settings.vault);
  checkVault("LINCHPIN_FORMER_VAULT", settings.formerVault);
  checkReceivers(settings);
  if (settings.mode === "production") checkProduction(settings);
}

/** A receiver of events must not be able to sign a message, so each kind of receiver has a secret of its own. */
function checkReceivers({ messagesUrl, outboxSecret, eventsUrl, eventsSecret }: Settings): void {
  if (messagesUrl !== null && (outboxSecret ?? "").length < 32)
    throw invalid("LINCHPIN_OUTBOX_SECRET must have at least 32 characters where messages are posted");
  if (eventsUrl !== null && (eventsSecret ?? "").length < 32)
    throw invalid(
      "LINCHPIN_EVENTS_SECRET must have at least 32 characters where events are posted: LINCHPIN_OUTBOX_SECRET signs messages alone",
    );
  if (eventsSecret !== null && eventsSecret === outboxSecret)
    throw invalid(
      "LINCHPIN_EVENTS_SECRET must not be LINCHPIN_OUTBOX_SECRET: a receiver of events could forge messages",
    );
}

/** What the sandbox does by itself, production must be told. */
function checkProduction(settings: Settings): void {
  if (settings.tls === null && !settings.tlsEndsElsewhere && !isLoopback(settings.host))
    throw invalid(
      "production listens on other than loopback only with TLS: set LINCHPIN_TLS_CERTIFICATE_FILE and LINCHPIN_TLS_KEY_FILE, or LINCHPIN_TLS_ENDS_ELSEWHERE=yes where a proxy in front ends it",
    );
  if (settings.databaseUrl === null)
    throw invalid("production needs LINCHPIN_DATABASE_URL: the embedded store is for LINCHPIN_MODE=sandbox");
  const usesMasterKey = [settings.vault, settings.formerVault].some(
    (uri) => uri !== null && vaultSchemeOf(uri).usesMasterKey,
  );
  if (usesMasterKey && settings.masterKey === null && settings.masterKeyFile === null)
    throw invalid(
      "production needs LINCHPIN_MASTER_KEY or LINCHPIN_MASTER_KEY_FILE: it never makes a master key by itself",
    );
  if (settings.messagesUrl === null)
    throw invalid("production needs LINCHPIN_MESSAGES_URL: OTPs and TANs have no other way out");
  if (!isSealedOrLoopback(settings.messagesUrl))
    throw invalid(
      "production needs https in LINCHPIN_MESSAGES_URL, save on loopback: OTPs and TANs are posted in clear",
    );
  if (settings.eventsUrl !== null && !isSealedOrLoopback(settings.eventsUrl))
    throw invalid("production needs https in LINCHPIN_EVENTS_URL, save on loopback: events name cards and persons");
  if (settings.venlyUpstreamUrl !== null && !isSealedOrLoopback(settings.venlyUpstreamUrl))
    throw invalid(
      "production needs https in LINCHPIN_VENLY_UPSTREAM_URL, save on loopback: assertions and bodies could be read and altered",
    );
}

function checkVault(name: string, uri: string | null): void {
  if (uri !== null) vaultSchemeOf(uri, name).check(uri, name);
}

function isSealedOrLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || isLoopback(hostname);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.[0-9]+){3}|::1|\[::1\])$/.test(host);
}

function readTlsFiles(value: (name: string) => string | null): Settings["tls"] {
  const [certificateFile, keyFile] = [value("LINCHPIN_TLS_CERTIFICATE_FILE"), value("LINCHPIN_TLS_KEY_FILE")];
  const clientCaFile = value("LINCHPIN_TLS_CLIENT_CA_FILE");
  if (certificateFile !== null && keyFile !== null) return { certificateFile, keyFile, clientCaFile };
  if (certificateFile !== null || keyFile !== null || clientCaFile !== null)
    throw invalid("LINCHPIN_TLS_CERTIFICATE_FILE and LINCHPIN_TLS_KEY_FILE go together, and a client CA with them");
  return null;
}

function readYesOrNo(name: string, text: string): boolean {
  if (text !== "yes" && text !== "no") throw invalid(`${name} must be yes or no`);
  return text === "yes";
}

function readInteger(name: string, text: string, max: number, min = 0): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max)
    throw invalid(`${name} must be a whole number from ${min} to ${max}`);
  return number;
}

function readKeyWrap(text: string): Settings["adyenKeyWrap"] {
  if (text !== "pkcs1" && text !== "oaep") throw invalid("LINCHPIN_ADYEN_KEY_WRAP must be pkcs1 or oaep");
  return text;
}

function readRotation(text: string | null): Settings["keyRotation"] {
  const entries = text?.split(",").map((entry) => /^\s*([a-z-]+)=([1-9][0-9]{0,4})(d|h)\s*$/.exec(entry)) ?? [];
  return new Map(
    entries.map((entry) => {
      const [, purpose, count, unit] = entry ?? [];
      if (purpose === undefined) throw invalid("LINCHPIN_KEY_ROTATION must be as in solaris-pin=90d, card-pin=365d");
      return [purpose, Number(count) * (unit === "d" ? 24 : 1) * 3_600_000];
    }),
  );
}

/** Paths may have parameters: `POST /api/wallets/:id/sign`. What the protocol answers itself can not be handed on. */
function readProtected(text: string): Settings["venlyProtected"] {
  const operations = text.split(",").map((operation) => operation.trim());
  return operations.map((operation, index) => {
    const [, method, path] = /^(POST|PUT|PATCH|DELETE) (\/[A-Za-z0-9/:._-]*)$/.exec(operation) ?? [];
    const isOurs = path !== undefined && /^\/(auth|api\/(users|security|assertion-keys))(\/|$)/.test(path);
    if (method === undefined || path === undefined || isOurs || operations.indexOf(operation) !== index)
      throw invalid("LINCHPIN_VENLY_PROTECTED must be as in POST /api/transactions, PUT /api/wallets/:id, each once");
    return { method, path };
  });
}

function readUrl(name: string, text: string | null): string | null {
  if (text !== null && !/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw invalid(`${name} must be of the form https://…`);
  return text;
}

/** What paths are put behind. */
function readBaseUrl(name: string, text: string | null): string | null {
  return readUrl(name, text)?.replace(/\/+$/, "") ?? null;
}

function readLogLevel(text: string): string {
  if (!/^(trace|debug|info|warn|error|silent)$/.test(text))
    throw invalid("LINCHPIN_LOG_LEVEL must be trace, debug, info, warn, error or silent");
  return text;
}

function invalid(reason: string): LinchpinError {
  return new LinchpinError("settings_invalid", { reason });
}
