import { english } from "./messages/english.ts";
import { german } from "./messages/german.ts";
import { portuguese } from "./messages/portuguese.ts";

/** Every sentence of the elements. `{name}` stands for a number that is filled in. */
export type Messages = Readonly<Record<keyof typeof english, string>>;

const languages = new Map<string, Messages>([
  ["en", english],
  ["de", german],
  ["pt", portuguese],
]);

/**
 * Brings a language, or other words for one that is there; what is left out stays as it was, or in English.
 * @param language a BCP 47 tag such as `ar` or `pt-BR`. Call it before an element of that language is in the page.
 */
export function registerMessages(language: string, messages: Partial<Messages>): void {
  const tag = language.toLowerCase();
  languages.set(tag, { ...(find(tag)?.messages ?? english), ...messages });
}

/** The messages in the language in which the element stands, and the tag of that language. */
export function messagesFor(element: Element): { language: string; messages: Messages } {
  return find(languageOf(element).toLowerCase()) ?? { language: "en", messages: english };
}

/** Puts numbers into a sentence. */
export function fill(message: string, values: Readonly<Record<string, number>>): string {
  return message.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}

function find(tag: string): { language: string; messages: Messages } | undefined {
  for (const language of [tag, tag.split("-")[0] ?? tag]) {
    const messages = languages.get(language);
    if (messages !== undefined) return { language, messages };
  }
  return undefined;
}

function languageOf(element: Element): string {
  for (let node: Node | null = element; node !== null; node = parentOf(node))
    if (node instanceof HTMLElement && node.lang !== "") return node.lang;
  return navigator.language;
}

function parentOf(node: Node): Node | null {
  return node instanceof ShadowRoot ? node.host : node.parentNode;
}
