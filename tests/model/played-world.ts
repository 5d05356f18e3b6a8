import assert from "node:assert/strict";
import { p256JwkFromPoint, type SigningKey } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { NativeCardholder } from "@linchpin/testing/native";
import type { Scenario } from "./scenario.ts";
import type { Card, Key } from "./term.ts";

// What stands for the model's persons, cards and keys at a running sandbox.

export interface PlayedWorld {
  readonly alice: NativeCardholder;
  readonly mallory: NativeCardholder;
  /** As the partner names the cards. */
  readonly names: Readonly<Record<Card, string>>;
  readonly ids: Readonly<Record<Card, string>>;
  readonly plumeryTokens: Readonly<Record<Card, string>>;
  readonly digits: Readonly<Record<Card, string>>;
  readonly keys: Readonly<Record<Key, SigningKey>>;
}

export const initialPin = "1928";
const keyNames = ["alice-phone", "alice-new", "relay", "relay-phone", "relay-new"];

export async function makePlayedWorld(url: string, scenario: Scenario): Promise<PlayedWorld> {
  const [alice, mallory] = [await NativeCardholder.create(url), await NativeCardholder.create(url)];
  for (const [holder, name] of [
    [alice, "Alice"],
    [mallory, "Mallory"],
  ] as const)
    assert.ok((await holder.operator("PUT", `/persons/${holder.sandbox.native.personId}/name`, { name })).status < 300);
  const settings = {
    nativeOnly: true,
    ...(scenario.allowsChangeByCode ? { changeByCode: true } : {}),
    ...(scenario.hasPinHistory ? { policy: { formerPins: 2 } } : {}),
  };
  const { body: program } = await alice.operator("POST", "/programs", { name: "Native", settings });
  const asking = { ...settings, presentPinToBind: scenario.asksPresentPin === true };
  const { body: ofA1 } = await alice.operator("POST", "/programs", { name: "Native", settings: asking });
  const cards = {
    A1: await makeCard(alice, ofA1.id, panOf(scenario, "A1")),
    A2: await makeCard(alice, program.id, panOf(scenario, "A2")),
    M: await makeCard(mallory, program.id, panOf(scenario, "M")),
  };
  const all = await Promise.all(keyNames.map(async (name) => [name, await primitives.makeSigningKey()] as const));
  const world = {
    ...{ alice, mallory, keys: Object.fromEntries(all) },
    names: mapped(cards, ({ name }) => name),
    ids: mapped(cards, ({ id }) => id),
    plumeryTokens: mapped(cards, ({ token }) => token),
    digits: mapped(cards, ({ pan }) => pan.slice(-8)),
  };
  await bind(world, mallory, "M", "relay-phone");
  await setUpAlice(world, scenario);
  return world;
}

/** Her phone is bound where a run signs with it, and her card has a PIN; the other one too, where it is asked for. */
async function setUpAlice(world: PlayedWorld, { runs, allowsChangeByCode, asksPresentPin }: Scenario): Promise<void> {
  if (allowsChangeByCode) {
    // Once A1 has one, no PIN is changed by code.
    if (asksPresentPin) await setPinByCode(world, "A2");
    await setPinByCode(world, "A1");
  } else if (!runs.some(({ op }) => op === "bind") && runs.length > 0) {
    await bind(world, world.alice, "A1", "alice-phone");
    const key = world.keys["alice-phone"] as SigningKey;
    assert.equal((await ofCard(world, world.alice, "A1").changePin(initialPin, key)).outcome?.result, "changed");
  }
}

async function setPinByCode(world: PlayedWorld, card: "A1" | "A2"): Promise<void> {
  const holder = ofCard(world, world.alice, card);
  const session = await holder.session({ op: "pin-change", auth: "code" });
  const secrets = { pin: initialPin, code: await world.alice.newestCode(), digits: world.digits[card] };
  assert.equal((await holder.seal(session, secrets)).outcome?.result, "changed");
}

async function bind(world: PlayedWorld, person: NativeCardholder, card: Card, name: Key): Promise<void> {
  const holder = ofCard(world, person, card);
  const key = world.keys[name] as SigningKey;
  const session = await holder.session({ op: "bind", auth: "code", key });
  const secrets = { code: await person.newestCode(), digits: world.digits[card] };
  assert.equal((await holder.seal(session, secrets, key)).outcome?.result, "bound");
}

/** The same person and partner, with another card. */
function ofCard({ names }: PlayedWorld, { sandbox, token }: NativeCardholder, card: Card): NativeCardholder {
  const native = { ...sandbox.native, cardId: names[card] };
  return Object.assign(Object.create(NativeCardholder.prototype), { sandbox: { ...sandbox, native }, token });
}

async function makeCard({ sandbox, ...holder }: NativeCardholder, programId: string, pan: string) {
  const operator = NativeCardholder.prototype.operator.bind({ ...holder, sandbox } as NativeCardholder);
  const { body: card } = await operator("POST", "/cards", { personId: sandbox.native.personId, programId });
  const data = { pan, cvv2: "123", expiration: { month: 7, year: 2031 } };
  assert.equal((await operator("PUT", `/cards/${card.id}/data`, data)).status, 204);
  return { name: card.names.native as string, token: card.names.plumery as string, id: card.id as string, pan };
}

/** As the scenario says which digits are the same. */
function panOf({ sameLast4, isLast8Same }: Scenario, card: Card): string {
  const isSame = sameLast4.includes(card);
  const number = { A1: "11", A2: "22", M: "33" }[card];
  const last4 = isSame ? "4242" : `${number}${number}`;
  const middle = isSame && isLast8Same ? "7777" : `77${number}`;
  for (let issuer = 0; issuer < 100; issuer++) {
    const pan = `9999${number}${`${issuer}`.padStart(2, "0")}${middle}${last4}`;
    if (hasCheckDigit(pan)) return pan;
  }
  throw new Error("a number with a check digit is there");
}

function hasCheckDigit(pan: string): boolean {
  const sum = [...pan].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function mapped<Value, Result>(record: Record<Card, Value>, to: (value: Value) => Result): Record<Card, Result> {
  const { A1, A2, M } = record;
  return { A1: to(A1), A2: to(A2), M: to(M) };
}

export const jwkOf = (key: SigningKey) => p256JwkFromPoint(key.publicPoint);
