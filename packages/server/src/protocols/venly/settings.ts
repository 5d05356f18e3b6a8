import { baseUrl, integer, oneOf, type SettingRows, settingInvalid, type ValuesOf } from "../../settings/index.ts";

export const venlySettings = {
  /** Whether a BIOMETRIC method is accepted in the plain header, which cannot name its device. */
  plainBiometric: {
    name: "LINCHPIN_VENLY_PLAIN_BIOMETRIC",
    help: "accept or refuse: whether a BIOMETRIC may come by the plain Signing-Method, which names no device",
    default: "accept",
    parse: oneOf("accept", "refuse"),
  },
  protectedOperations: {
    name: "LINCHPIN_VENLY_PROTECTED",
    help: "methods and paths below /venly that need a signing method, with commas between",
    default: "POST /api/transactions, POST /api/transactions/execute",
    parse: protectedOperations,
  },
  /** The base URL of the upstream, to which protected requests are forwarded. */
  upstreamUrl: {
    name: "LINCHPIN_VENLY_UPSTREAM_URL",
    help: "where they are handed on to; production needs it to answer them",
    default: { value: null, words: "none; in the sandbox one that is built in" },
    parse: baseUrl,
    clearTextRisk: "assertions and bodies could be read and altered",
  },
  upstreamTimeoutMs: {
    name: "LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS",
    help: "how long it may take to answer",
    default: "10000",
    parse: integer({ min: 1, max: 600_000 }),
  },
} as const satisfies SettingRows;

export type VenlySettings = ValuesOf<typeof venlySettings>;

/** A method, and a path below `/venly`. */
interface ProtectedOperation {
  readonly method: string;
  readonly path: string;
}

/** Paths may have parameters: `POST /api/wallets/:id/sign`. A path that the protocol itself answers cannot be handed on. */
function protectedOperations(text: string, name: string): readonly ProtectedOperation[] {
  const operations = text.split(",").map((operation) => operation.trim());
  return operations.map((operation, index) => {
    const [, method, path] = /^(POST|PUT|PATCH|DELETE) (\/[A-Za-z0-9/:._-]*)$/.exec(operation) ?? [];
    const isOurs = path !== undefined && /^\/(auth|api\/(users|security|assertion-keys))(\/|$)/.test(path);
    if (method === undefined || path === undefined || isOurs || operations.indexOf(operation) !== index)
      throw settingInvalid(`${name} must be as in POST /api/transactions, PUT /api/wallets/:id, each once`);
    return { method, path };
  });
}
