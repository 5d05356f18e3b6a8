import type { Queryable } from "../database/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { SigningMethod, SigningMethodType, SigningUser } from "./records.ts";

export async function findSigningUser(database: Queryable, id: string): Promise<SigningUser | null> {
  return (await querySigningUsers(database, "where id = $1 and deleted_at is null", [id]))[0] ?? null;
}

/** Users, oldest first, each with its methods, oldest first. */
export async function querySigningUsers(
  database: Queryable,
  which: string,
  parameters: readonly unknown[],
): Promise<SigningUser[]> {
  const rows = await database.query<UserRow>(
    `
    select
      users.id as "userId", users.partner_id as "partnerId", users.reference, users.created_at as "userCreatedAt",
      ${methodColumns}
    from (select * from signing_users ${which}) users
    left join signing_methods methods on methods.user_id = users.id
    order by users.created_at, users.id, methods.created_at, methods.id`,
    parameters,
  );
  return [...Map.groupBy(rows, (row) => row.userId).values()].flatMap(userOf);
}

export const methodColumns = `
  methods.id, methods.type, methods.physical_device_id as "physicalDeviceId", methods.version,
  methods.mac_key_id, methods.mac, methods.incorrect_attempts as "incorrectAttempts",
  methods.needs_recovery as "needsRecovery", methods.created_at as "createdAt"`;

export interface SigningMethodRow {
  readonly id: string;
  readonly type: SigningMethodType;
  readonly physicalDeviceId: string | null;
  readonly version: number;
  readonly mac_key_id: string;
  readonly mac: Uint8Array;
  readonly incorrectAttempts: number;
  readonly needsRecovery: boolean;
  readonly createdAt: Date;
}

export function methodOf(row: SigningMethodRow): SigningMethod {
  const { id, type, physicalDeviceId, version, incorrectAttempts, needsRecovery, createdAt } = row;
  const mac = sealedOf(row.mac_key_id, row.mac);
  return { id, type, physicalDeviceId, version, mac, incorrectAttempts, needsRecovery, createdAt };
}

/** A user without methods has one row, in which the columns of the method are null. */
type UserRow = {
  readonly userId: string;
  readonly partnerId: string;
  readonly reference: string | null;
  readonly userCreatedAt: Date;
} & (SigningMethodRow | { readonly id: null });

function userOf(rows: UserRow[]): SigningUser[] {
  return rows.slice(0, 1).map(({ userId, partnerId, reference, userCreatedAt }) => ({
    id: userId,
    partnerId,
    reference,
    createdAt: userCreatedAt,
    methods: rows.flatMap((row) => (row.id === null ? [] : [methodOf(row)])),
  }));
}
