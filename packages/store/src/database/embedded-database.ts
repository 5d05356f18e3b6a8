import { Duplex } from "node:stream";
import { type Database, throwDatabaseError } from "./database.ts";
import { readEmptyDatabase } from "./empty-database.ts";
import { PgliteThread } from "./pglite-thread.ts";
import { keepPlans, openPooledDatabase } from "./pooled-database.ts";

/** Where an embedded database keeps its data, if not in a folder: in the memory of this process, which ends with it. */
export const inMemory = Symbol("in memory");

/**
 * Opens PostgreSQL in a thread of this process (PGlite), in memory or on a folder that only it uses. On a folder, a
 * commit is written to the operating system before it is answered, so it survives a crash of the process. PGlite never
 * calls fsync, so it may not survive a power failure.
 */
export async function openEmbeddedDatabase(place: string | typeof inMemory): Promise<Database> {
  const archive = place === inMemory ? await readEmptyDatabase() : null;
  try {
    return databaseOn(await startPglite(place, archive));
  } catch (error) {
    throwDatabaseError(error);
  }
}

/**
 * A new database after `prepare`, as a tar archive of its files. It lacks the templates of CREATE DATABASE, which nobody
 * calls: they would be two thirds of the files, and to create a file is what takes longest of a new folder.
 */
export async function archiveNewDatabase(prepare: (database: Database) => Promise<unknown>): Promise<Buffer> {
  const pglite = await startPglite(inMemory, null);
  const database = databaseOn(pglite);
  try {
    await prepare(database);
    for (const template of ["template0", "template1"]) {
      await database.execute(`alter database ${template} is_template false`);
      await database.execute(`drop database ${template}`);
    }
    await database.execute("checkpoint");
    return Buffer.from(await pglite.dump());
  } finally {
    await database.close();
  }
}

function databaseOn(pglite: PgliteThread): Database {
  const database = openPooledDatabase({
    stream: () => new PgliteWire(pglite),
    // Given explicitly, because pg would take them from environment variables that are meant for a server.
    host: "localhost",
    user: "postgres",
    password: "",
    database: "postgres",
    ssl: false,
    max: 1,
    idleTimeoutMillis: 0,
    pipeline: true,
    onConnect: async (client) => {
      await client.query(keepPlans);
    },
  });
  const close = async () => {
    await database.close();
    await pglite.close();
  };
  return { ...database, close: () => close().catch(throwDatabaseError) };
}

/** In memory, it begins as the archive, where there is one. */
function startPglite(place: string | typeof inMemory, archive: Buffer | null): Promise<PgliteThread> {
  if (place !== inMemory) return PgliteThread.start({ folder: place, archive: null });
  return PgliteThread.start({ folder: null, archive: archive === null ? null : new Uint8Array(archive) });
}

/**
 * The socket that the pg driver is given: it passes the wire protocol to PGlite. PGlite's own query interface would
 * plan every statement each time.
 */
class PgliteWire extends Duplex {
  readonly #pglite: PgliteThread;
  #lastAnswer: Promise<void> = Promise.resolve();

  constructor(pglite: PgliteThread) {
    super();
    this.#pglite = pglite;
  }

  connect(): void {
    process.nextTick(() => this.emit("connect"));
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _writev(chunks: readonly { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer", done);
  }

  /** What is written next need not wait for the answers. */
  override _write(messages: Buffer, _encoding: string, done: () => void): void {
    if (messages[0] !== terminate)
      this.#lastAnswer = this.#pglite.exchange(messages).then(
        (answers) => void this.push(answers),
        (error) => void this.destroy(error),
      );
    done();
  }

  override _final(done: () => void): void {
    void this.#lastAnswer.then(() => {
      this.push(null);
      done();
    });
  }
}

/** `X`, the Terminate message. It would end PGlite itself, not only the session. */
const terminate = 0x58;
