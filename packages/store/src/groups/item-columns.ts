/**
 * A column of the CTE `item`: its type in PostgreSQL, its value for one call, and whether the database takes that value.
 * Values are sent as one binary array a column, which costs both sides less than text.
 */
export interface Column<Parameters extends unknown[]> {
  readonly sqlType: "text" | "bytea" | "uuid" | "int" | "boolean" | "timestamptz";
  /** The value of one call as PostgreSQL's binary format has it. Null is SQL's null. */
  readonly bytesOf: (...parameters: Parameters) => Uint8Array | null;
  /** False: the database would refuse this value, and with it every item of its group. Such a call runs alone. */
  readonly fits: (bytes: Uint8Array) => boolean;
}

/** Text of any length. JSON is sent as text and cast where it is used. */
export function text<Parameters extends unknown[]>(
  read: (...parameters: Parameters) => string | null,
): Column<Parameters> {
  const bytesOf = (...parameters: Parameters) => mapValue(read(...parameters), (value) => Buffer.from(value));
  return { sqlType: "text", bytesOf, fits: (bytes) => !bytes.includes(0) };
}

/** Bytes. With `length` a value of any other length does not fit. */
export function bytes<Parameters extends unknown[]>(
  read: (...parameters: Parameters) => Uint8Array | null,
  length?: number,
): Column<Parameters> {
  return { sqlType: "bytea", bytesOf: read, fits: (value) => length === undefined || value.length === length };
}

export function uuid<Parameters extends unknown[]>(
  read: (...parameters: Parameters) => string | null,
): Column<Parameters> {
  const bytesOf = (...parameters: Parameters) =>
    mapValue(read(...parameters), (value) => Buffer.from(value.replaceAll("-", ""), "hex"));
  return { sqlType: "uuid", bytesOf, fits: (value) => value.length === 16 };
}

/** An integer of 32 bits. */
export function integer<Parameters extends unknown[]>(
  read: (...parameters: Parameters) => number | null,
): Column<Parameters> {
  const bytesOf = (...parameters: Parameters) => mapValue(read(...parameters), int32Bytes);
  return { sqlType: "int", bytesOf, fits: () => true };
}

function int32Bytes(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function boolean<Parameters extends unknown[]>(
  read: (...parameters: Parameters) => boolean | null,
): Column<Parameters> {
  const bytesOf = (...parameters: Parameters) => mapValue(read(...parameters), (value) => Uint8Array.of(Number(value)));
  return { sqlType: "boolean", bytesOf, fits: () => true };
}

/** A time: microseconds since 2000 in 64 bits. */
export function time<Parameters extends unknown[]>(
  read: (...parameters: Parameters) => Date | null,
): Column<Parameters> {
  const bytesOf = (...parameters: Parameters) => mapValue(read(...parameters), timeBytes);
  return { sqlType: "timestamptz", bytesOf, fits: () => true };
}

function timeBytes(value: Date): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(1000n * BigInt(value.getTime() - yearTwoThousandMs));
  return bytes;
}

const yearTwoThousandMs = Date.UTC(2000);

function mapValue<From, To>(value: From | null, map: (value: From) => To): To | null {
  return value === null ? null : map(value);
}

/** The ids of the types in `pg_type`: fixed in every PostgreSQL. */
const typeIds = { boolean: 16, bytea: 17, int: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;

/** A one-dimensional array in PostgreSQL's binary format (`array_recv`): a head of 20 bytes, then length and bytes of each. */
export function encodeArray(sqlType: keyof typeof typeIds, values: readonly (Uint8Array | null)[]): Buffer {
  const lengthBytes = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), arrayHeadBytes);
  const array = Buffer.allocUnsafe(lengthBytes);
  const head = [1, Number(values.includes(null)), typeIds[sqlType], values.length, 1];
  for (const [index, number] of head.entries()) array.writeInt32BE(number, 4 * index);
  let offset = arrayHeadBytes;
  for (const value of values) {
    offset = array.writeInt32BE(value?.length ?? -1, offset);
    if (value === null) continue;
    array.set(value, offset);
    offset += value.length;
  }
  return array;
}

const arrayHeadBytes = 20;
