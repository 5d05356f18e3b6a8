import assert from "node:assert/strict";
import { makeSigningKey } from "@linchpin/core/webcrypto";
import type { DeviceKeys } from "@linchpin/device/keys";
import { LinchpinError, type NativeBinding, Pin, type ShownSession, type TypedCode } from "@linchpin/device/native";
import { fetchRelay, type Relay } from "@linchpin/device/relay";
import { type PinnedRoots, pinRoots } from "@linchpin/device/roots";
import type { SandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { NativeCardholder } from "@linchpin/testing/native";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { HostileRelay } from "./relay.ts";

/** A relay, and a cardholder whose device knows no other way to the issuer. */
export interface Scene {
  readonly relay: HostileRelay;
  /** The device's end of the way. */
  readonly way: { readonly relay: Relay };
  readonly alice: Cardholder;
  /** A person of the relay's own, with a card at the same issuer. */
  readonly mallory: () => Promise<Cardholder>;
  /** The issuer's roots, as they came with the app. */
  readonly pins: { readonly issuer: string; readonly roots: NativeCardholder["sandbox"] };
}

/** A person and one of their cards: the operator's side, and what the person knows. */
export interface Cardholder {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  readonly sandbox: any;
  readonly native: NativeCardholder;
  readonly solaris: SolarisCardholder;
  /** Last eight, as they stand on the plastic. */
  readonly digits: string;
}

/** For each trial a relay and persons of its own. */
export async function setScene({ url }: SandboxIssuer, kind: "native only" | "vendor"): Promise<Scene> {
  const isNative = kind === "native only";
  const person = async (name: string, pan: string) => {
    const made = await makePerson(url, name);
    if (!isNative) return made;
    // The sandbox's card is an ordinary one.
    const { issuer } = made.sandbox;
    assert.equal((await made.native.operator("PATCH", `/cards/${issuer.cardId}`, { state: "terminated" })).status, 200);
    return addCard(made, pan, { nativeOnly: true });
  };
  const alice = await person("Alice Doe", pans[0]);
  const relay = await HostileRelay.start(alice.sandbox);
  return {
    relay,
    way: { relay: fetchRelay({ baseUrl: relay.url, pausesMs: [] }) },
    alice,
    mallory: () => person("Mallory Roe", pans[2]),
    pins: { issuer: new URL(url).origin, roots: alice.sandbox.native.roots },
  };
}

/** Their last eight digits are the same. */
export const pans = ["9999990012345670", "9999009912345670", "9900999912345670"] as const;

async function makePerson(origin: string, name: string): Promise<Cardholder> {
  const native = await NativeCardholder.create(origin);
  const { personId } = native.sandbox.native;
  assert.equal((await native.operator("PUT", `/persons/${personId}/name`, { name })).status, 204);
  const digits = await native.lastDigits();
  return { name, sandbox: native.sandbox, native, solaris: await SolarisCardholder.of(native.sandbox), digits };
}

/** A further card of the person's, in a program with these settings. */
export async function addCard(person: Cardholder, pan: string, settings: object): Promise<Cardholder> {
  const { native, sandbox } = person;
  const program = (await native.operator("POST", "/programs", { name: "Program", settings })).body;
  const order = { personId: sandbox.native.personId, programId: program.id };
  const { body: card } = await native.operator("POST", "/cards", order);
  const data = { pan, cvv2: "123", expiration: { month: 7, year: 2031 } };
  assert.equal((await native.operator("PUT", `/cards/${card.id}/data`, data)).status, 204);
  const named = {
    ...sandbox,
    native: { ...sandbox.native, cardId: card.names.native },
    plumery: { ...sandbox.plumery, cardToken: card.names.plumery },
    solaris: { ...sandbox.solaris, cardAccountId: card.names.solaris },
    adyen: { ...sandbox.adyen, paymentInstrumentId: card.names.adyen },
    stripe: { ...sandbox.stripe, cardId: card.names.stripe },
    lithic: { ...sandbox.lithic, cardToken: card.names.lithic },
    spritz: { ...sandbox.spritz, cardId: card.names.spritz },
    worldline: { ...sandbox.worldline, cardReference: card.names.worldline, pan },
    issuer: { ...sandbox.issuer, cardId: card.id },
  };
  return {
    ...person,
    sandbox: named,
    native: await NativeCardholder.of(named),
    solaris: await SolarisCardholder.of(named),
    digits: pan.slice(-8),
  };
}

/** Keys for as long as the process lives. */
export function memoryKeys<Binding extends { key: NativeBinding["key"] }>(): DeviceKeys<Binding> {
  const bindings = new Map<string, Binding>();
  return {
    makeKey: makeSigningKey,
    save: async (name, binding) => void bindings.set(name, binding),
    load: async (name) => bindings.get(name),
    forget: async (name) => void bindings.delete(name),
  };
}

/** Alice's phone, by the native protocol. She looks at what it shows, and types what she has. */
export function phoneOf({ way, alice, pins }: Pick<Scene, "way" | "alice" | "pins">) {
  const isHers = ({ holder, last4 }: ShownSession) => holder === alice.name && last4 === alice.digits.slice(-4);
  const card: string = alice.sandbox.native.cardId;
  const task = { ...way, pins, keys: memoryKeys<NativeBinding>(), card };
  const typing = async (shown: ShownSession): Promise<TypedCode | undefined> =>
    isHers(shown) ? { code: await alice.native.newestCode(), digits: alice.digits } : undefined;
  return { task, typing, confirmed: { ...task, confirm: isHers }, byCode: { ...task, askForCode: typing } };
}

/** As the app pins them, or not. */
export function rootsOf({ pins }: Scene, isPinned: boolean): { roots?: PinnedRoots } {
  return isPinned ? { roots: pinRoots(pins) } : {};
}

export const pinOf = (digits: string): Pin => new Pin(Buffer.from(digits));

export const digitsOf = (pin: Pin): string => Buffer.from(pin.asciiDigits()).toString();

/** What the device says of a task: `done`, or the code of its error. */
export async function toldBy(task: Promise<unknown>): Promise<string> {
  try {
    await task;
    return "done";
  } catch (error) {
    if (error instanceof LinchpinError) return error.code;
    throw error;
  }
}

/** Whether this is the card's PIN, as a terminal finds it. */
export async function hasPin({ solaris }: Cardholder, digits: string): Promise<boolean> {
  const { status, body } = await solaris.verify(digits);
  return status === 200 && body.result === "match";
}

/** Devices that were bound to the card's person by the native protocol, as the audit has them. */
export async function boundKeys({ native }: Cardholder): Promise<string[]> {
  const events = await native.auditEvents();
  return events.flatMap(({ operation, outcome, device }) =>
    operation === "native.bind" && outcome === "done" ? [device] : [],
  );
}
