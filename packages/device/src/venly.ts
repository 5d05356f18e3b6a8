import { type EnvelopePrimitives, LinchpinError, type Primitives, utf8 } from "@linchpin/core";
import { encryptAesGcm, randomBytes, sha256, wrapRsaOaep } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makeEncryptedSigningMethod,
  sealMethodRequest,
  sealMethodUpdate,
  sealUserRequest,
  venlyKey,
} from "@linchpin/protocols/venly/device";
import { refusals } from "@linchpin/protocols/venly/errors";
import { ask, commit, onPlatform, textOf, type WayWithKeys } from "./exchange.ts";

export { LinchpinError } from "@linchpin/core";

// Values are bytes (a PIN is six ASCII digits) and wiped, however a call ends. Every function also throws what README.md
// says of the way to the issuer.

type VenlyPrimitives = EnvelopePrimitives & Pick<Primitives, "sha256">;

interface Task extends WayWithKeys {
  /** Default: the platform's WebCrypto. */
  readonly primitives?: VenlyPrimitives;
}

/** A signing method of the user's, as it stands: it says that they want this. */
export interface KnownMethod {
  readonly id: string;
  readonly value: Uint8Array;
  /** Of `BIOMETRIC`. */
  readonly physicalDeviceId?: string;
}

export interface NewMethod {
  readonly type: "PIN" | "EMERGENCY_CODE" | "BIOMETRIC";
  readonly value: Uint8Array;
  /** Of `BIOMETRIC`. */
  readonly physicalDeviceId?: string;
}

/**
 * Makes a user at the issuer, with a PIN as the first signing method.
 * @throws LinchpinError `signing_method_malformed` before anything is sent: not six digits; `outcome_unknown`: the
 *   user may be there, under `reference`
 */
export async function createUser({
  reference,
  pin,
  primitives = webCrypto,
  ...way
}: Task & { reference: string; pin: Uint8Array }): Promise<{ userId: string; signingMethodId: string }> {
  const signingMethod = { type: "PIN", value: pin } as const;
  const envelope = await wiping([pin], async () => {
    checkValue(signingMethod);
    return sealUserRequest(primitives, await fetchIssuerKey(way), { reference, signingMethod });
  });
  const reply = await commit(way, toSend("POST", "/api/users", envelope), refusals, false);
  return {
    userId: textOf(reply?.result?.id),
    signingMethodId: textOf(reply?.result?.signingMethods?.[0]?.id),
  };
}

/**
 * Gives a user a further signing method.
 * @returns its id
 * @throws LinchpinError `signing_method_malformed` before anything is sent: a PIN that is not six digits;
 *   `signing_method_exists`; of the known method `signing_method_incorrect`, `signing_method_locked`;
 *   `outcome_unknown`: it may be there
 */
export async function createSigningMethod({
  userId,
  method,
  known,
  primitives = webCrypto,
  ...way
}: Task & { userId: string; method: NewMethod; known: KnownMethod }): Promise<string> {
  const message = await wiping([method.value, known.value], async () => {
    checkValue(method);
    const issuerKey = await fetchIssuerKey(way);
    const sent = toSend("POST", methodsPath(userId), await sealMethodRequest(primitives, issuerKey, method));
    return signed(primitives, issuerKey, known, sent);
  });
  return textOf((await commit(way, message, refusals, false))?.result?.id);
}

/**
 * Gives a signing method another value. Any method of the user's may ask for it: a locked one is open again.
 * @throws LinchpinError as `createSigningMethod`; `outcome_unknown`: the old value or the new one holds
 */
export async function updateSigningMethod({
  userId,
  signingMethodId,
  value,
  known,
  primitives = webCrypto,
  ...way
}: Task & { userId: string; signingMethodId: string; value: Uint8Array; known: KnownMethod }): Promise<void> {
  const path = `${methodsPath(userId)}/${encodeURIComponent(signingMethodId)}`;
  const message = await wiping([value, known.value], async () => {
    const issuerKey = await fetchIssuerKey(way);
    const sent = toSend("PUT", path, await sealMethodUpdate(primitives, issuerKey, { value }));
    return signed(primitives, issuerKey, known, sent);
  });
  await commit(way, message, refusals, true);
}

/**
 * Sends a request that a signing method protects, as `POST /api/transactions/execute`. The issuer carries it out once at
 * most.
 * @returns what was answered
 * @throws LinchpinError `signing_method_incorrect`, `signing_method_locked`; `outcome_unknown`: ask whether it was carried
 *   out before it is asked for again
 */
export async function sendProtected({
  path,
  body,
  known,
  primitives = webCrypto,
  ...way
}: Task & { path: string; body: object; known: KnownMethod }): Promise<unknown> {
  const message = await wiping([known.value], async () =>
    signed(primitives, await fetchIssuerKey(way), known, toSend("POST", path, body)),
  );
  return commit(way, message, refusals, true);
}

const webCrypto: VenlyPrimitives = { randomBytes, wrapRsaOaep, encryptAesGcm, sha256 };

interface Sent {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly body: string;
}

const toSend = (method: Sent["method"], path: string, body: object): Sent => ({
  method,
  path: `/venly${path}`,
  body: JSON.stringify(body),
});

const methodsPath = (userId: string) => `/api/users/${encodeURIComponent(userId)}/signing-methods`;

async function fetchIssuerKey(way: WayWithKeys): Promise<IssuerKey> {
  const issuerKey = acceptIssuerKey(await ask(way, { method: "GET", path: "/venly/api/security" }, refusals));
  await way.roots?.vouchFor(way, { ...venlyKey, key: { spki: issuerKey.spki } });
  return issuerKey;
}

/** With the header that is good for this very body, once. */
async function signed(primitives: VenlyPrimitives, issuerKey: IssuerKey, method: KnownMethod, sent: Sent) {
  const header = await makeEncryptedSigningMethod(primitives, issuerKey, { method, body: utf8(sent.body) });
  return { ...sent, headers: { "Encrypted-Signing-Method": header } };
}

function checkValue({ type, value }: { type: string; value: Uint8Array }): void {
  const isPin = value.length === 6 && value.every((byte) => byte >= 0x30 && byte <= 0x39);
  if (type === "PIN" && !isPin) throw new LinchpinError("signing_method_malformed");
}

async function wiping<Result>(values: readonly Uint8Array[], use: () => Promise<Result>): Promise<Result> {
  try {
    return await onPlatform(use);
  } finally {
    for (const value of values) value.fill(0);
  }
}
