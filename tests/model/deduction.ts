import { lengthOf, privateKey, type Term } from "./term.ts";

/** What the relay can make of what it has seen. */
export interface Knowledge {
  /** Secrets and composed terms, by their key. */
  readonly terms: ReadonlyMap<string, Term>;
  /** Keys by which a vendor's protocol has their device sign any text. */
  readonly textOracles: readonly string[];
  /** Whether all sealed messages have one size. */
  readonly hidesSize: boolean;
}

/** Learns terms, takes them apart as far as they go, and all that is closed and opens now. */
export function learn(knowledge: Knowledge, learnt: readonly Term[]): Knowledge {
  if (learnt.every(({ key }) => knowledge.terms.has(key))) return knowledge;
  const terms = new Map(knowledge.terms);
  const queue = [...learnt];
  for (let term = queue.pop(); term !== undefined; term = queue.pop()) {
    if (terms.has(term.key)) continue;
    terms.set(term.key, term);
    queue.push(...openParts(terms, term, knowledge.hidesSize));
    if (term.name === "private") for (const known of terms.values()) queue.push(...openParts(terms, known, true));
  }
  return { ...knowledge, terms };
}

function openParts(terms: ReadonlyMap<string, Term>, { name, args }: Term, hidesSize: boolean): readonly Term[] {
  if (name === "hash" || name === "signature" || name === "private") return [];
  if (name !== "sealed") return args;
  const [to, , plaintext] = args as [Term, Term, Term];
  const [key] = to.args as [Term];
  const opened = terms.has(privateKey(JSON.parse(key.name)).key) ? [plaintext] : [];
  const [pin] = plaintext.args;
  return hidesSize || pin === undefined ? opened : [...opened, lengthOf(pin)];
}

/** Whether the relay can make this term. */
export function derives(knowledge: Knowledge, term: Term): boolean {
  const { terms, textOracles } = knowledge;
  if (terms.has(term.key) || term.name.startsWith('"')) return true;
  const [first, second] = term.args;
  const all = (wanted: readonly Term[]) => wanted.every((each) => derives(knowledge, each));
  switch (term.name) {
    case "private":
    case "length":
      return false;
    case "signature": {
      const key = JSON.parse((first as Term).name);
      const canSign = terms.has(privateKey(key).key) || (textOracles.includes(key) && second?.name === "text");
      return canSign && all([second as Term]);
    }
    default:
      return term.args.length > 0 && all(term.args);
  }
}
