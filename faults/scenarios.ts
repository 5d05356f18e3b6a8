import type { Scenario } from "./scenario.ts";
import { clockMoved } from "./scenarios/clock-moved.ts";
import { connectionsExhausted } from "./scenarios/connections-exhausted.ts";
import { databaseSlow } from "./scenarios/database-slow.ts";
import { diskFull } from "./scenarios/disk-full.ts";
import { hostileSessions } from "./scenarios/hostile-sessions.ts";
import { hsmGone } from "./scenarios/hsm-gone.ts";
import { postgresKilled } from "./scenarios/postgres-killed.ts";
import { primaryKilled } from "./scenarios/primary-killed.ts";
import { readOnly } from "./scenarios/read-only.ts";
import { serverKilled } from "./scenarios/server-killed.ts";

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [
  serverKilled,
  postgresKilled,
  primaryKilled,
  diskFull,
  connectionsExhausted,
  databaseSlow,
  readOnly,
  hostileSessions,
  clockMoved,
  hsmGone,
];
