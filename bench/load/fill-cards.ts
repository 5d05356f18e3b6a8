import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";

/** Whom filled cards belong to, and the key of all their devices. */
export interface Filled {
  readonly partnerId: string;
  readonly programId: string;
  readonly publicPoint: Uint8Array;
}

const tables = ["persons", "cards", "card_names", "devices", "device_keys", "bound_keys", "replay_marks"];

/** Of the key that card `number` bound by the native protocol. All are the same key: only its name tells them apart. */
export function thumbprintOf(number: number): string {
  return `native${number}`.padEnd(43, "-");
}

/**
 * Cards by number, each with a person and a device of its own, and a replay mark for each: as if all had changed their PIN.
 *
 * Two sessions fill different tables at the same time, without a look-up of every foreign key, which are right by the way
 * that the rows are made. Rows come in the order of their indexes. What PostgreSQL would do later is done at the end, so that
 * it is not measured: a checkpoint, vacuum, statistics.
 */
export async function fillCards(
  databaseUrl: string,
  { partnerId, programId, publicPoint }: Filled,
  from: number,
  to: number,
): Promise<void> {
  const numbers = `generate_series(${from}, ${to}) as number`;
  const point = `'\\x${Buffer.from(publicPoint).toString("hex")}'`;
  const fill = (...statements: readonly string[]) =>
    execute(databaseUrl, ["set session_replication_role = replica", "set work_mem = '512MB'", ...statements].join(";"));
  await execute(databaseUrl, "alter system set max_wal_size = '16GB'");
  await execute(databaseUrl, "select pg_reload_conf()");
  await Promise.all([
    fill(
      ...["solaris", "adyen", "plumery", "native"].map(
        (protocol) =>
          `insert into card_names (card_id, protocol, name) select 'card' || number, '${protocol}', '${protocol}' || number from ${numbers}`,
      ),
    ),
    fill(
      `insert into persons (id, partner_id, name, bound_keys, created_at)
        select 'person' || number, '${partnerId}', 'Person ' || number, 1, now() from ${numbers}`,
      `insert into cards (id, person_id, program_id, created_at)
        select 'card' || number, 'person' || number, '${programId}', now() from ${numbers}`,
      `insert into devices (id, person_id, state, created_at) select 'device' || number, 'person' || number, 'verified', now() from ${numbers}`,
      `insert into device_keys (device_id, purpose, id, public_point, created_at)
        select 'device' || number, 'restricted', 'key' || number, ${point}, now() from ${numbers}`,
      `insert into bound_keys (thumbprint, person_id, public_point, bound_at)
        select rpad('native' || number, 43, '-'), 'person' || number, ${point}, now() from ${numbers}`,
      `insert into replay_marks (mark, key_id)
        select sha256(('mark' || number)::bytea) as mark, 'filled' from ${numbers} order by mark`,
    ),
  ]);
  await execute(databaseUrl, "alter system reset max_wal_size");
  await execute(databaseUrl, "select pg_reload_conf()");
  for (const table of tables) await execute(databaseUrl, `vacuum (freeze, analyze) ${table}`);
  await execute(databaseUrl, "checkpoint");
}
