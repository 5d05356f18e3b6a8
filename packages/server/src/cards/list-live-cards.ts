import type { Card } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** A person's cards, but for those that are terminated, which is for good: a rule about the person looks at no such card. */
export async function listLiveCards({ store }: Pick<Context, "store">, personId: string): Promise<Card[]> {
  return (await store.listCardsOfPerson(personId)).filter(({ state }) => state !== "terminated");
}
