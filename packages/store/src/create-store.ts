import { auditStore } from "./audit/index.ts";
import { callerStore } from "./callers/index.ts";
import { cardStore } from "./cards/index.ts";
import { challengeStore } from "./challenges/index.ts";
import { changeRequestStore } from "./change-requests/index.ts";
import { type Database, ping } from "./database/index.ts";
import { deviceStore } from "./devices/index.ts";
import { idempotentRequestStore } from "./idempotent-requests/index.ts";
import { keyStore } from "./keys/index.ts";
import { manifestStore } from "./manifests/index.ts";
import { outboxStore } from "./outbox/index.ts";
import { personStore } from "./persons/index.ts";
import { pinStore } from "./pins/index.ts";
import { programStore } from "./programs/index.ts";
import { replayMarkStore } from "./replay-marks/index.ts";
import { sessionStore } from "./sessions/index.ts";
import { signingStore } from "./signing/index.ts";
import type { Store } from "./store.ts";
import { webhookStore } from "./webhooks/index.ts";

/** A store on a database that has been migrated. */
export function createStore(database: Database): Store {
  const store: Store = {
    ...auditStore(database),
    ...callerStore(database),
    ...cardStore(database),
    ...challengeStore(database),
    ...changeRequestStore(database),
    ...deviceStore(database),
    ...idempotentRequestStore(database),
    ...keyStore(database),
    ...manifestStore(database),
    ...outboxStore(database),
    ...personStore(database),
    ...pinStore(database),
    ...programStore(database),
    ...replayMarkStore(database),
    ...sessionStore(database),
    ...signingStore(database),
    ...webhookStore(database),
    ping: () => ping(database),
    close: () => database.close(),
  };
  databases.set(store, database);
  return store;
}

const databases = new WeakMap<Store, Database>();

/** For `@linchpin/store/sandbox` alone. */
export function databaseOf(store: Store): Database {
  const database = databases.get(store);
  if (database === undefined) throw new Error("this store is not one that createStore returned");
  return database;
}
