import { verifyAuditChain } from "@linchpin/store";
import { auditReaderOf } from "../audit-reader.ts";
import { connectOperator } from "../issuer-caller.ts";
import { makeSandboxCard } from "../sandbox.ts";
import { chapters } from "./chapters.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import type { TourCard } from "./tour-card.ts";

/** One card through every protocol, or through one. @throws Failure at the first step that comes out otherwise */
export async function tellStory(url: string, telling: Telling, only: string | null): Promise<void> {
  const tourCard = await telling.step("A person with a card", (say) => openTourCard(say, url));
  for (const { name, tell } of chapters) if (only === null || name === only) await tell(telling, tourCard);
  await telling.step("The chain of events is verified", (say) => verifyChain(say, tourCard));
}

async function openTourCard(say: Say, url: string): Promise<TourCard> {
  const card = await makeSandboxCard(url);
  say("person", `${card.solaris.personId}, reached at ${card.solaris.mobileNumber}`);
  say("issuer", `made card ${card.issuer.cardId}, which each protocol knows by a name of its own:`);
  for (const { title, cardName } of chapters) {
    const name = cardName(card);
    if (name !== null) say("issuer", `${title} ${name}`);
  }
  return { url, card, operator: await connectOperator({ url, apiKey: card.issuer.apiKey }) };
}

async function verifyChain(say: Say, { operator, card }: TourCard): Promise<void> {
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
