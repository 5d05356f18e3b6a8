import {
  baseUrl,
  flag,
  folderOrMemory,
  hostNames,
  integer,
  keyRotation,
  networks,
  oneOf,
  text,
  url,
  vaultUri,
  words,
} from "./parse-setting.ts";
import type { SettingRows } from "./setting.ts";

const none = { value: null, words: "none" };

/** The settings of the store. Some commands need no others. */
export const storeSettings = {
  /** Null: both are in the memory of the server, and end with it. */
  dataFolder: {
    name: "LINCHPIN_DATA",
    help: "folder for the embedded store and the sandbox's master key; memory: keeps both in memory, until the server ends",
    default: ".linchpin",
    parse: folderOrMemory,
  },
  /** PostgreSQL; null: the embedded store in `dataFolder`. */
  databaseUrl: {
    name: "LINCHPIN_DATABASE_URL",
    help: "PostgreSQL 15 or later; production needs it",
    default: { value: null, words: "embedded in LINCHPIN_DATA" },
    parse: text,
    isSecret: true,
  },
  databasePrepare: {
    name: "LINCHPIN_DATABASE_PREPARE",
    help: "whether connections keep their plans: off behind a PgBouncer before 1.21",
    default: "on",
    parse: flag("on", "off"),
  },
} as const satisfies SettingRows;

/** The settings of the issuer that belong to no protocol, in the order of `linchpin serve --help`. */
export const issuerSettings = {
  mode: {
    name: "LINCHPIN_MODE",
    help: "sandbox or production",
    default: "production",
    parse: oneOf("sandbox", "production"),
  },
  enabledProtocols: {
    name: "LINCHPIN_PROTOCOLS",
    help: "the protocols that the issuer speaks, as in solaris, stripe; others have no routes and no keys",
    default: { value: null, words: "all of them" },
    parse: words,
  },
  host: { name: "LINCHPIN_HOST", help: "address to listen on", default: "127.0.0.1", parse: text },
  port: { name: "LINCHPIN_PORT", help: "port to listen on", default: "8420", parse: integer({ max: 65_535 }) },
  healthPort: {
    name: "LINCHPIN_HEALTH_PORT",
    help: "port for /health/live and /health/ready alone, in plain HTTP: for probes that have no certificate to show",
    default: { value: null, words: "none: they are at LINCHPIN_PORT alone" },
    parse: integer({ min: 1, max: 65_535 }),
  },
  sandboxHosts: {
    name: "LINCHPIN_SANDBOX_HOSTS",
    help: "names besides loopback that a sandbox answers to, and with which it may listen on other than loopback: localhost,issuer.test; whoever reaches it reads OTPs and PINs, and calls as anybody",
    default: { value: [] as readonly string[], words: "none" },
    parse: hostNames,
  },
  publicUrl: {
    name: "LINCHPIN_PUBLIC_URL",
    help: "origin that callers use",
    default: { value: null, words: "as it listens" },
    parse: baseUrl,
  },
  tlsCertificateFile: {
    name: "LINCHPIN_TLS_CERTIFICATE_FILE",
    help: "PEM; its key beside it",
    default: { value: null, words: "none: plain HTTP" },
    parse: text,
  },
  tlsKeyFile: {
    name: "LINCHPIN_TLS_KEY_FILE",
    help: "PEM that only its owner can read",
    default: none,
    parse: text,
  },
  tlsClientCaFile: {
    name: "LINCHPIN_TLS_CLIENT_CA_FILE",
    help: "PEM of the authorities that must have signed callers' certificates",
    default: { value: null, words: "none: callers show no certificate" },
    parse: text,
  },
  tlsEndsElsewhere: {
    name: "LINCHPIN_TLS_ENDS_ELSEWHERE",
    help: "yes where a proxy in front ends TLS: production listens on other than loopback only with this or with TLS",
    default: "no",
    parse: flag("yes", "no"),
  },
  ...storeSettings,
  vault: {
    name: "LINCHPIN_VAULT",
    help: "where keys compute: software, or a token: pkcs11:token=…?module-path=/…&pin-source=file:/… (RFC 7512)",
    default: "software",
    parse: vaultUri,
    // RFC 7512 allows a PIN in the URI. Such a URI is refused, and it must not be shown either.
    isSecret: true,
  },
  formerVault: {
    name: "LINCHPIN_FORMER_VAULT",
    help: "the vault before, while it holds keys that are still needed",
    default: none,
    parse: vaultUri,
    isSecret: true,
  },
  keyRotation: {
    name: "LINCHPIN_KEY_ROTATION",
    help: "keys that rotate by themselves, and how often: solaris-pin=90d, card-pin=365d",
    default: { value: new Map<string, number>(), words: "none, save those whose last day is published" },
    parse: keyRotation,
  },
  masterKey: {
    name: "LINCHPIN_MASTER_KEY",
    help: "32 bytes in hex or base64 that the software vault's keys are sealed under",
    default: none,
    parse: text,
    isSecret: true,
  },
  masterKeyFile: {
    name: "LINCHPIN_MASTER_KEY_FILE",
    help: "the same in a file that only its owner can read",
    default: { value: null, words: "LINCHPIN_DATA/master.key in the sandbox, which makes it" },
    parse: text,
  },
  messagesUrl: {
    name: "LINCHPIN_MESSAGES_URL",
    help: "where messages to persons are posted; production needs it, by https or on loopback",
    default: none,
    parse: url,
    clearTextRisk: "OTPs and TANs are posted in clear",
  },
  /** Key of the signature on messages. */
  outboxSecret: {
    name: "LINCHPIN_OUTBOX_SECRET",
    help: "key of the signature on messages, at least 32 characters",
    default: none,
    parse: text,
    isSecret: true,
  },
  eventsUrl: {
    name: "LINCHPIN_EVENTS_URL",
    help: "where events are posted; in production by https or on loopback",
    default: none,
    parse: url,
    clearTextRisk: "events name cards and persons",
  },
  /** Key of the signature on events. */
  eventsSecret: {
    name: "LINCHPIN_EVENTS_SECRET",
    help: "key of the signature on events, at least 32 characters; not that of messages",
    default: none,
    parse: text,
    isSecret: true,
  },
  trustedProxies: {
    name: "LINCHPIN_TRUSTED_PROXIES",
    help: "addresses and networks whose X-Forwarded-For says which address calls: 10.0.0.5, 10.1.0.0/16",
    default: { value: null, words: "none: the address is the connection's" },
    parse: networks,
  },
  /** Of one caller; where none is known, of one address, and at the routes for tokens of one client id there. */
  requestsPerMinute: {
    name: "LINCHPIN_REQUESTS_PER_MINUTE",
    help: "of one caller, before it is told to wait; 0: no limit",
    default: { production: "6000", sandbox: "0" },
    parse: integer({ max: 1_000_000 }),
  },
  /** Of one caller at one route. */
  wrongSecretsPerMinute: {
    name: "LINCHPIN_WRONG_SECRETS_PER_MINUTE",
    help: "wrong PINs, signing methods or TANs of one caller, before it is told to wait; 0: no limit",
    default: { production: "60", sandbox: "0" },
    parse: integer({ max: 1_000_000 }),
  },
} as const satisfies SettingRows;

/** Shown after the protocols' settings. */
export const logSettings = {
  logLevel: {
    name: "LINCHPIN_LOG_LEVEL",
    help: "trace, debug, info, warn, error or silent",
    default: "info",
    parse: oneOf("trace", "debug", "info", "warn", "error", "silent"),
  },
} as const satisfies SettingRows;
