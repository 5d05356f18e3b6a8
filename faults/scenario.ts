import type { Servers } from "./servers.ts";

/** A fault, how it is brought about, and how it is known that it bit. */
export interface Scenario {
  readonly name: string;
  /** For the table's page: what is done. */
  readonly about: string;
  /** False where this machine has all that it takes, else what lacks. */
  readonly lacking: () => string | false;
  /** In a folder of its own. `atEnd` takes what is to be let go of, last first. */
  readonly prepare: (folder: string, atEnd: (stop: () => unknown) => void) => Promise<Ground>;
}

export interface Ground {
  /** Where the harness itself reads, past what is disturbed. */
  readonly databaseUrl: string;
  readonly environmentOf: (index: number) => Record<string, string>;
  /** The fault, from its beginning to its end, under load. Resolves with what was seen of it; throws where it did not bite. */
  readonly disturb: (servers: Servers) => Promise<string>;
}
