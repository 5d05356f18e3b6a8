import { type LinchpinError, parseJwe } from "@linchpin/core";
import { sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import { explainUnwrap } from "@linchpin/vault/sandbox";
import { sandboxProtocols } from "./protocol-table.ts";
import type { ExplainContext, StringMembers } from "./sandbox-protocol.ts";

/**
 * Why a request was refused, for whoever integrates. Runs after the refusal is decided and audited;
 * nothing it finds can change that. It tries what integrators get wrong, one thing after the other.
 */
export async function explainRefusal(
  context: ExplainContext,
  error: LinchpinError,
  body: unknown,
): Promise<string | undefined> {
  const members = stringMembers(body);
  const { encrypted_pin, key_id } = members;
  try {
    if (encrypted_pin !== undefined && error.code === "decryption_failed")
      return (await explainDecryption(context, encrypted_pin, key_id)) ?? error.reason;
    if (key_id !== undefined && error.code === "key_unknown") return await explainKeyId(context, key_id);
    for (const { explain } of sandboxProtocols) {
      const explanation = await explain?.(context, error, members);
      if (typeof explanation === "string") return explanation;
    }
  } catch {
    // What cannot be explained is refused all the same.
  }
  return error.reason;
}

async function explainDecryption(
  context: ExplainContext,
  encryptedPin: string,
  keyId: string | undefined,
): Promise<string | null> {
  if (context.masterKey === null) return null;
  const jwe = parseJwe(sealedPinProfile, encryptedPin);
  return explainUnwrap(
    context.masterKey,
    await context.keyring.find("solaris-pin", jwe.kid ?? keyId ?? ""),
    jwe.wrappedKey,
  );
}

async function explainKeyId(context: ExplainContext, keyId: string): Promise<string> {
  const key = (await context.keyring.list()).find(({ id }) => id === keyId);
  return key === undefined
    ? "no key of this issuer has this id: fetch the latest one before each change"
    : "this is the id of a key for another purpose";
}

function stringMembers(body: unknown): StringMembers {
  const entries = typeof body === "object" && body !== null ? Object.entries(body) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
