import type { SigningKey } from "@linchpin/core";
import { signingKeyOf } from "@linchpin/core/webcrypto";

/** A P-256 key pair as a JWK (RFC 7518 §6.2). `d` is the private key. */
export interface DeviceKeyJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/** Extractable, as it has to go into a file: a phone would keep it in its keystore. */
export async function makeDeviceKey(): Promise<DeviceKeyJwk> {
  const { privateKey } = await crypto.subtle.generateKey(p256, true, ["sign", "verify"]);
  const { x = "", y = "", d = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  return { kty: "EC", crv: "P-256", x, y, d };
}

export async function openDeviceKey({ kty, crv, x, y, d }: DeviceKeyJwk): Promise<SigningKey> {
  return signingKeyOf({
    publicKey: await crypto.subtle.importKey("jwk", { kty, crv, x, y }, p256, true, ["verify"]),
    privateKey: await crypto.subtle.importKey("jwk", { kty, crv, x, y, d }, p256, false, ["sign"]),
  });
}
