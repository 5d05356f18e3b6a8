import { randomUUID } from "node:crypto";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { transferBody, VenlyPartner, VenlyUser } from "@linchpin/testing/venly";
import type { Answered, Asked } from "./history.ts";
import { changedBy, otherwise } from "./protocols/answered.ts";
import { vendorCards } from "./protocols/vendor-cards.ts";

/** One message, sealed: it can be sent again, to any server. */
export interface Message {
  readonly subject: string;
  readonly name: string;
  readonly asked: Asked;
  send(origin: string): Promise<Answered>;
}

/** Seals the next message, with a key that it fetches at `origin`. */
export type Sender = (origin: string) => Promise<Message>;

/** A card with its bound device, and what its user would know. */
export interface CardUnderLoad {
  readonly id: string;
  readonly changeBySolaris: Sender;
  /** One for each further protocol. */
  readonly changes: readonly Sender[];
  readonly verify: Sender;
  /** One for each protocol that reveals. */
  readonly reveals: readonly Sender[];
  /** The PIN as it is now, by each protocol that reveals. One that is blocked is unblocked first. */
  revealedDigits(origin: string, isBlocked: boolean): Promise<string>;
}

export async function makeCard(origin: string): Promise<CardUnderLoad> {
  let holder = await SolarisCardholder.create(origin);
  const device = await holder.bindDevice();
  const { cardId } = holder.sandbox.issuer;
  const fresh = freshDigits();
  let latest = fresh();
  const renew = async (at: string) => {
    holder = await holder
      .at(at)
      .renewed()
      .catch(() => holder); // A server at a loss gives no token: the next one may.
  };
  const wrap = (by: string, asked: Asked, send: Message["send"]): Message => ({
    subject: cardId,
    name: `${asked.to} by ${by} ${randomUUID()}`,
    asked,
    send: async (at) => {
      const answered = await send(at);
      if (answered.says === "refused" && answered.why.startsWith("401")) await renew(at);
      if (answered.says === "changed" && asked.to === "change") latest = asked.digits;
      return answered;
    },
  });
  const cards = Object.entries(vendorCards).map(([name, make]) => ({ name, ...make(holder.sandbox) }));
  const changes = cards.map(
    ({ name, sealChange }): Sender =>
      async (at) => {
        const digits = fresh();
        return wrap(name, { to: "change", digits }, await sealChange(at, digits));
      },
  );
  const reveals = cards.flatMap(({ name, makeReveal }): Sender[] =>
    makeReveal === null ? [] : [async (at) => wrap(name, { to: "reveal" }, await makeReveal(at))],
  );
  return {
    id: cardId,
    changeBySolaris: async (at) => {
      const digits = fresh();
      const request = await sealBySolaris(holder.at(at), digits, device, renew);
      return wrap("Solaris", { to: "change", digits }, async (to) =>
        changedBy(await holder.at(to).sendChange(request)),
      );
    },
    changes,
    verify: async (at) => {
      const digits = Math.random() < rightShare ? latest : fresh();
      const request = await sealBySolaris(holder.at(at), digits, null, renew);
      return wrap("the issuer", { to: "verify", digits }, async (to) => {
        const answer = await holder.at(to).operator("POST", `/cards/${cardId}/pin/verify`, request);
        return answer.status === 200 ? { says: answer.body.result } : otherwise(answer);
      });
    },
    reveals,
    revealedDigits: async (at, isBlocked) => {
      if (isBlocked) await holder.at(at).operator("POST", `/cards/${cardId}/pin/unblock`, {});
      const said = new Set<string>();
      for (const reveal of reveals) {
        const answered = await (await reveal(at)).send(at);
        said.add(answered.says === "revealed" ? answered.digits : JSON.stringify(answered));
      }
      return [...said].join(", ");
    },
  };
}

/** A user of Venly's whose idempotency keys name the messages. */
export async function makeTransferSender(origin: string): Promise<{ userId: string; transfer: Sender }> {
  let partner = await VenlyPartner.create(origin);
  const user = await partner.makeUser();
  const { id: userId, pin } = user;
  const transfer: Sender = async (at) => {
    const name = randomUUID();
    const isRight = Math.random() < rightTransferShare;
    const method = isRight ? pin : { ...pin, value: "000000" };
    const through = (to: string) => new VenlyUser(partner.at(to), userId, pin);
    const header = await through(at).sign(transferBody, method, { idempotencyKey: name });
    const send = async (to: string): Promise<Answered> => {
      const answer = await through(to).sendTransfer(transferBody, header);
      if (answer.status === 200) return { says: "transferred" };
      if (answer.status === 401) partner = await VenlyPartner.create(to).catch(() => partner);
      return answer.body?.errors?.[0]?.code === "pincode.incorrect" ? { says: "incorrect" } : otherwise(answer);
    };
    return { subject: userId, name, asked: { to: "transfer", isRight }, send };
  };
  return { userId, transfer };
}

const rightShare = 0.5;
const rightTransferShare = 0.8;

async function sealBySolaris(
  holder: SolarisCardholder,
  digits: string,
  device: BoundDevice | null,
  renew: (origin: string) => Promise<void>,
) {
  try {
    return device === null ? await holder.seal(digits) : await holder.sealAndSign(digits, device);
  } catch (error) {
    // No key came: perhaps for want of a token that is still good.
    await renew(new URL(holder.sandbox.solaris.baseUrl).origin);
    throw error;
  }
}

/** Four different digits that no policy refuses, in an order of chance, none twice. */
function freshDigits(): () => string {
  const all: string[] = [];
  for (let number = 1_000; number < 10_000; number++) {
    const digits = String(number);
    if (new Set(digits).size === 4 && Math.abs(Number(digits[1]) - Number(digits[0])) > 1) all.push(digits);
  }
  return () => {
    const [digits] = all.splice(Math.floor(Math.random() * all.length), 1);
    if (digits === undefined) throw new Error("every PIN was used");
    return digits;
  };
}
