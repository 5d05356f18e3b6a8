import { verifyAuditChain } from "@linchpin/store";
import { auditReaderOf } from "../audit-reader.ts";
import { connectOperator } from "../issuer-caller.ts";
import { makeSandboxCard } from "../sandbox.ts";
import { tellAdyen } from "./adyen-chapter.ts";
import type { House } from "./house.ts";
import { tellPlumery } from "./plumery-chapter.ts";
import { tellSolaris } from "./solaris-chapter.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { tellVenly } from "./venly-chapter.ts";

/** One card through every protocol, or through one. @throws Failure at the first step that comes out otherwise */
export async function tellStory(url: string, telling: Telling, only: ChapterName | null): Promise<void> {
  const house = await telling.step("A person with a card", (say) => openHouse(say, url));
  for (const [name, tell] of Object.entries(chapters)) if (only === null || name === only) await tell(telling, house);
  await telling.step("The chain of events is verified", (say) => verifyChain(say, house));
}

/** In the order in which they are told. */
const chapters = {
  solaris: tellSolaris,
  plumery: tellPlumery,
  adyen: tellAdyen,
  venly: tellVenly,
} as const;

export type ChapterName = keyof typeof chapters;

async function openHouse(say: Say, url: string): Promise<House> {
  const card = await makeSandboxCard(url);
  say("person", `${card.solaris.personId}, reached at ${card.solaris.mobileNumber}`);
  say("issuer", `made card ${card.issuer.cardId}, which each protocol knows by a name of its own:`);
  say("issuer", `Solaris ${card.solaris.cardAccountId}`);
  say("issuer", `Adyen ${card.adyen.paymentInstrumentId}`);
  say("issuer", `Plumery ${card.plumery.cardToken}`);
  return { url, card, operator: await connectOperator({ url, apiKey: card.issuer.apiKey }) };
}

async function verifyChain(say: Say, { operator, card }: House): Promise<void> {
  const events = await operator.ask<AuditEvent[]>("GET", `/audit-events?cardId=${card.issuer.cardId}&limit=1000`);
  for (const { operation, outcome, code } of events)
    say("store", `${operation}: ${outcome}${code === undefined ? "" : `, ${code}`}`);
  const verification = await verifyAuditChain(auditReaderOf(operator));
  expect(verification.intact, "the chain is broken: `linchpin audit verify` says where");
  say("operator", `computed every hash again: ${verification.events} events, nothing altered, nothing missing`);
}

interface AuditEvent {
  readonly operation: string;
  readonly outcome: string;
  readonly code?: string;
}
