import assert from "node:assert/strict";
import { after, before } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type Store, verifyAuditChain } from "@linchpin/store";
import { createStore } from "../../src/create-store.ts";
import type { Database } from "../../src/database/index.ts";

/** A store, its database, and how many statements it has sent. */
export interface CountedStore {
  readonly store: Store;
  readonly database: Database;
  readonly statements: () => number;
}

/** A migrated database for one suite. */
export type OpenDatabase = () => Promise<{ database: Database; remove(): Promise<void> }>;

export function countedStore(database: Database): CountedStore {
  let statements = 0;
  const counted: Database = {
    ...database,
    query: (sql, parameters) => {
      statements++;
      return database.query(sql, parameters);
    },
  };
  return { store: createStore(counted), database, statements: () => statements };
}

/** Hands over a store before the tests of a suite, and verifies the audit chain after them. */
export function useCountedStore(open: OpenDatabase, use: (counted: CountedStore) => void): void {
  let opened: Awaited<ReturnType<OpenDatabase>>;
  let counted: CountedStore;
  before(async () => {
    opened = await open();
    counted = countedStore(opened.database);
    use(counted);
  });
  after(async () => {
    assert.equal((await verifyAuditChain(counted.store)).intact, true);
    await opened.remove();
  });
}

export const many = <Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

/** The results of calls that are made in one turn, and how many statements they took. An error is its code. */
export async function runTogether<Result>(statements: () => number, calls: readonly (() => Promise<Result>)[]) {
  const statementsBefore = statements();
  const ended = await Promise.allSettled(calls.map((call) => call()));
  const results = ended.map((one) => (one.status === "fulfilled" ? one.value : codeOf(one.reason)));
  return { results, statements: statements() - statementsBefore };
}

function codeOf(error: unknown): string {
  return error instanceof LinchpinError ? error.code : assert.fail(`${error}`);
}
