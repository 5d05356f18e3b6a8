import { type Connection, type FieldDef, type PoolClient, Query } from "pg";
import { getTypeParser } from "./type-parsers.ts";

interface PreparedStatement {
  /** One name for each text. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Runs a prepared statement and returns its rows. Rejects with the driver's error. */
export function runPrepared<Row>(client: PoolClient, statement: PreparedStatement): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const query = new PreparedQuery(statement, (error, rows) => (error ? reject(error) : resolve(rows as Row[])));
    client.query(query);
  });
}

type Row = Record<string, unknown>;
type Callback = (error: unknown, rows?: readonly Row[]) => void;

/**
 * PostgreSQL refuses to run a prepared statement whose columns are no longer what they were. So each connection asks for
 * the description of a statement's columns once, where the driver's own query asks each time and prepares anew to read
 * them. The driver calls the methods by these names.
 */
class PreparedQuery extends Query {
  /** A query that took too long has another by the time it ends. */
  declare readonly callback: Callback;
  declare name: string;
  readonly #rows: Row[] = [];
  #known: Known | undefined;
  #columns: Columns | undefined;
  #failure: unknown;

  constructor({ name, text, values }: PreparedStatement, callback: Callback) {
    super(text, [...values], callback as () => void);
    this.name = name;
  }

  prepare(connection: Connection): void {
    this.#known = knownOf(connection);
    this.#columns = this.#known.columns.get(this.name);
    driver.prepare.call(this, this.#columns === undefined ? connection : this.#known.withoutDescribe);
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    this.#columns = new Columns(fields);
    this.#known?.columns.set(this.name, this.#columns);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failure !== undefined) return;
    try {
      this.#rows.push((this.#columns ?? noColumns).rowOf(fields));
    } catch (error) {
      this.#failure = error;
    }
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (this.#failure !== undefined) this.callback(this.#failure);
    else this.callback(null, this.#rows);
  }
}

/** What the types of the driver leave out. */
const driver = Query.prototype as unknown as { prepare(this: Query, connection: Connection): void };

/** What is known of a connection. */
interface Known {
  /** By the name of the statement. */
  readonly columns: Map<string, Columns>;
  readonly withoutDescribe: Connection;
}

const known = new WeakMap<Connection, Known>();

function knownOf(connection: Connection): Known {
  const found = known.get(connection);
  if (found !== undefined) return found;
  const withoutDescribe: Connection = Object.create(connection, { describe: { value: () => {} } });
  const made = { columns: new Map(), withoutDescribe };
  known.set(connection, made);
  return made;
}

/** The columns of a statement's result. */
class Columns {
  readonly #names: readonly string[];
  readonly #parsers: readonly ((text: string) => unknown)[];
  /** Rows are copies of it, which is quicker than to add one member after the other. */
  readonly #empty: Readonly<Row>;

  constructor(fields: readonly FieldDef[]) {
    this.#names = fields.map(({ name }) => name);
    this.#parsers = fields.map(({ dataTypeID }) => getTypeParser(dataTypeID));
    this.#empty = Object.fromEntries(this.#names.map((name) => [name, null]));
  }

  rowOf(values: readonly (string | null)[]): Row {
    if (values.length !== this.#names.length) throw new Error("a row has other columns than its statement");
    const row = { ...this.#empty };
    this.#names.forEach((name, index) => {
      const value = values[index] ?? null;
      if (value !== null) row[name] = this.#parsers[index]?.(value);
    });
    return row;
  }
}

const noColumns = new Columns([]);
