import type { SandboxDescription } from "@linchpin/sandbox";
import { HttpCaller, refusal } from "./http-caller.ts";

export type { SandboxDescription };

/** Null: the issuer is no sandbox. @throws Failure when nobody answers */
export async function findSandbox(url: string): Promise<SandboxDescription | null> {
  const answer = await new HttpCaller(url).send("GET", "/sandbox");
  if (answer.status >= 500) throw refusal(answer);
  return answer.status === 200 ? (answer.body as SandboxDescription) : null;
}

/** A person of the sandbox with their card; null: the sandbox has no such person. */
export async function findSandboxPerson(url: string, personId: string): Promise<SandboxDescription | null> {
  const answer = await new HttpCaller(url).send("GET", `/sandbox/persons/${encodeURIComponent(personId)}`);
  if (answer.status === 404) return null;
  if (answer.status >= 300) throw refusal(answer);
  return answer.body as SandboxDescription;
}

/** A fresh person with a fresh card and a number of its own. */
export function makeSandboxCard(url: string): Promise<SandboxDescription> {
  return new HttpCaller(url).ask("POST", "/sandbox/cards");
}

/** The newest message to whoever has this number. */
export async function newestMessage(
  url: string,
  mobileNumber: string,
  channel: "sms" | "letter" = "sms",
): Promise<string> {
  const query = new URLSearchParams({ to: mobileNumber });
  const messages = await new HttpCaller(url).ask<Message[]>("GET", `/sandbox/messages?${query}`);
  return messages.findLast((message) => message.channel === channel)?.text ?? "";
}

interface Message {
  readonly channel: string;
  readonly text: string;
}

/** An OTP, TAN or activation code is the only six-digit word of its message. */
export function codeIn(message: string): string {
  return /\b\d{6}\b/.exec(message)?.[0] ?? "";
}
