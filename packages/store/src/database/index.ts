export { type Database, isRolledBack, type Queryable } from "./database.ts";
export { inMemory, openEmbeddedDatabase } from "./embedded-database.ts";
export { extractTar, readEmptyDatabase } from "./empty-database.ts";
export { examinePostgres, type PostgresExamination } from "./examine-postgres.ts";
export { type FolderLock, lockFolder } from "./folder-lock.ts";
export { migrate } from "./migrate.ts";
export { ping } from "./ping.ts";
export { openPostgresDatabase, type PostgresSettings } from "./postgres-database.ts";
export type { SchemaDifference } from "./schema.ts";
