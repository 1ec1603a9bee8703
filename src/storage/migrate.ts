import type { Kysely } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from 'kysely/migration';
import { StorageError } from '../storage-error.ts';
import { accountsInstancesSessionKeys } from './migrations/0001-accounts-instances-session-keys.ts';
import { photoHistory } from './migrations/0002-photo-history.ts';
import { idempotentRequests } from './migrations/0003-idempotent-requests.ts';
import { photoJobs } from './migrations/0004-photo-jobs.ts';
import { instanceSettings } from './migrations/0005-instance-settings.ts';
import { instanceSearch } from './migrations/0006-instance-search.ts';
import { whatsappVersion } from './migrations/0007-whatsapp-version.ts';
import { sessionKeysAsBytes } from './migrations/0008-session-keys-as-bytes.ts';
import type { Tables } from './tables.ts';

/** Every step the tables have taken, oldest first. Steps are only added: what has run somewhere is never edited. */
const migrations: Record<string, Migration> = {
  '0001-accounts-instances-session-keys': accountsInstancesSessionKeys,
  '0002-photo-history': photoHistory,
  '0003-idempotent-requests': idempotentRequests,
  '0004-photo-jobs': photoJobs,
  '0005-instance-settings': instanceSettings,
  '0006-instance-search': instanceSearch,
  '0007-whatsapp-version': whatsappVersion,
  '0008-session-keys-as-bytes': sessionKeysAsBytes,
};

/**
 * Brings the tables to what this version of the code expects, all steps in one transaction.
 *
 * Errors: `StorageError` when the database was written by newer code, or when a step fails (nothing is changed then).
 */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const unknown = (await executedMigrations(database)).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new StorageError(
      `The database was written by a newer version of Pombo (it knows ${unknown.join(', ')}). Start that version, or restore a backup from before it.`,
    );
  }
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof StorageError) throw error;
  if (error) throw new StorageError('The database could not be brought up to date.', { cause: error });
}

async function executedMigrations(database: Kysely<Tables>): Promise<string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return [];
  const rows = await database
    .withTables<{ [DEFAULT_MIGRATION_TABLE]: { name: string } }>()
    .selectFrom(DEFAULT_MIGRATION_TABLE)
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
}
