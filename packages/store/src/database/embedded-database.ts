import { Duplex } from "node:stream";
import { setFlagsFromString } from "node:v8";
import type { PGlite } from "@electric-sql/pglite";
import { type Database, throwDatabaseError } from "./database.ts";
import { readEmptyDatabase } from "./empty-database.ts";
import { keepPlans, openPooledDatabase } from "./pooled-database.ts";

/** Where an embedded database keeps its data, if not in a folder: in the memory of this process, which ends with it. */
export const inMemory = Symbol("in memory");

/**
 * Opens PostgreSQL inside this process (PGlite), in memory or on a folder that only it uses. On a folder, a commit is
 * written to the operating system before it is answered, so it survives a crash of the process. PGlite never calls
 * fsync, so it may not survive a power failure.
 */
export async function openEmbeddedDatabase(place: string | typeof inMemory): Promise<Database> {
  const archive = place === inMemory ? await readEmptyDatabase() : null;
  try {
    return databaseOn(await openPglite(place, archive));
  } catch (error) {
    throwDatabaseError(error);
  }
}

/**
 * A new database after `prepare`, as a tar archive of its files. It lacks the templates of CREATE DATABASE, which nobody
 * calls: they would be two thirds of the files, and to create a file is what takes longest of a new folder.
 */
export async function archiveNewDatabase(prepare: (database: Database) => Promise<unknown>): Promise<Buffer> {
  const pglite = await openPglite(inMemory, null);
  const database = databaseOn(pglite);
  try {
    await prepare(database);
    for (const template of ["template0", "template1"]) {
      await database.execute(`alter database ${template} is_template false`);
      await database.execute(`drop database ${template}`);
    }
    await database.execute("checkpoint");
    return Buffer.from(await (await pglite.dumpDataDir("none")).arrayBuffer());
  } finally {
    await database.close();
  }
}

function databaseOn(pglite: PGlite): Database {
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

/**
 * V8 compiles PGlite once, and does not optimize what runs often: that would take a second of processor time and 500 MB
 * while a server starts, and make statements faster by a fifth at most. V8 reads these flags when it compiles PGlite.
 */
const withoutOptimization = ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"];

/** In memory, it begins as the archive, where there is one. */
async function openPglite(place: string | typeof inMemory, archive: Buffer | null): Promise<PGlite> {
  for (const flag of withoutOptimization) setFlagsFromString(flag);
  const { PGlite } = await import("@electric-sql/pglite"); // A server on PostgreSQL does not load it.
  // These buffers are resident from the start. PGlite takes 128 MB by default.
  // The latter sets a timer that goes off every ten seconds, and would keep a process from ending.
  const settings = ["shared_buffers=32MB", "log_startup_progress_interval=0"];
  const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ["-c", setting])];
  if (place !== inMemory) return PGlite.create(place, { relaxedDurability: false, startParams });
  const loaded = archive === null ? {} : { loadDataDir: new Blob([new Uint8Array(archive)]) };
  return PGlite.create("memory://", { startParams, ...loaded });
}

/**
 * The socket that the pg driver is given: it passes the wire protocol to PGlite. PGlite's own query interface would
 * plan every statement each time.
 */
class PgliteWire extends Duplex {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
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

  override _writev(chunks: readonly { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer", done);
  }

  override _write(messages: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (messages[0] === terminate) done();
    else
      this.#pglite.execProtocolRaw(messages).then((answers) => {
        this.push(answers);
        done();
      }, done);
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }
}

/** `X`, the Terminate message. It would end PGlite itself, not only the session. */
const terminate = 0x58;
