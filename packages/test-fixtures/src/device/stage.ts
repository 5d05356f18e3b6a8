import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { fetchRelay, type Relay } from "@linchpin/device/relay";
import { NativeCardholder } from "@linchpin/testing/native";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { type SandboxIssuer, startSandboxIssuer } from "../issuer/sandbox-issuer.ts";
import { Partner } from "./partner.ts";

/** A sandbox issuer for all tests of a file; a cardholder with a partner of their own for each test. */
export function setStage(): () => Promise<Scene> {
  let issuer: SandboxIssuer;
  const partners: Partner[] = [];
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(async () => {
    for (const partner of partners) partner.stop();
    await issuer.stop();
  });
  return async () => {
    const cardholder = await SolarisCardholder.create(issuer.url);
    const partner = await Partner.start(cardholder.sandbox);
    partners.push(partner);
    return { cardholder, partner, relay: fetchRelay({ baseUrl: partner.url, pausesMs: [0, 0] }) };
  };
}

export interface Scene {
  /** Knows the issuer's side: messages, the native verification, the card's state. */
  readonly cardholder: SolarisCardholder;
  readonly partner: Partner;
  /** Two further tries, without a pause. */
  readonly relay: Relay;
}

/** The scene's card and person, by the native protocol. */
export const nativeCardholderOf = ({ cardholder }: Scene): Promise<NativeCardholder> =>
  NativeCardholder.of(cardholder.sandbox);

export const pinOf = (digits: string): Pin => new Pin(utf8(digits));

export const digitsOf = (pin: Pin): string => Buffer.from(pin.asciiDigits()).toString();

/** For `assert.rejects`: a LinchpinError with this code. */
export const refusal = (code: string) => ({ name: "LinchpinError", code });

/** No message that passed holds these digits as a word. What is sealed or signed may hold them by chance, in a longer one. */
export function assertUnseen({ partner }: Scene, digits: string): void {
  assert.doesNotMatch(partner.recorded(), new RegExp(`(?<![\\w+/-])${digits}(?![\\w+/-])`));
}
