import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Kysely, sql } from 'kysely';
import { StorageError } from '../storage-error.ts';
import { lockDirectory } from './directory-lock.ts';
import { KeyFile } from './key-file.ts';
import { migrate } from './migrate.ts';
import { openSqlite } from './sqlite.ts';
import { damageAt } from './sqlite-error.ts';
import type { Tables } from './tables.ts';

interface OpenedDatabase extends AsyncDisposable {
  readonly database: Kysely<Tables>;
}

/** Where the database of a data directory is. */
export const databasePathIn = (dataDir: string): string => join(dataDir, 'pombo.db');

/**
 * Opens the database of a data directory for this process alone, whole and up to date. What is not there is made.
 *
 * Errors: `StorageError` when another process has it, when the database is damaged or was written by newer code, and
 * those of the file system.
 */
export async function openDatabase(dataDir: string): Promise<OpenedDatabase> {
  await using parts = new AsyncDisposableStack();
  await makeDirectory(resolve(dataDir));
  parts.use(lockDirectory(dataDir));
  const path = databasePathIn(dataDir);
  await refuseEmptied(path, new KeyFile(dataDir));
  const database = new Kysely<Tables>({ dialect: openSqlite(path) });
  parts.defer(() => database.destroy());
  await refuseDamaged(database, path);
  await migrate(database);
  const owned = parts.move();
  return { database, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** One by one: below /proc, the recursive `mkdir` of Node 24 never ends. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

/**
 * To SQLite no file, or an empty one, is a new database, and what is left in its -wal file is removed. A first start
 * makes the key file when the database is on the disk (`openSecretBox`), so a key file alone is left of more.
 */
async function refuseEmptied(path: string, keyFile: KeyFile): Promise<void> {
  if (((await sizeOf(path)) ?? 0) > 0) return;
  const hasWritten = ((await sizeOf(`${path}-wal`)) ?? 0) > 0;
  const hasKey = (await keyFile.read()) !== undefined;
  if (!hasWritten && !hasKey) return;
  const ownKey = hasKey
    ? ` If there was none and ${keyFile.path} is a key of your own, set POMBO_SECRET_KEY to it and remove the file.`
    : '';
  throw new StorageError(
    `The database ${path} is empty or gone, although there was one. Put a backup of the data folder back, or remove what is left to begin anew.${ownKey}`,
  );
}

/** The size of a file in bytes; `undefined` when it is not there. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return stats?.size;
}

/** Up to this size, to look at every page takes less than a second or two. Above it, damage is told when it is met. */
const checkedBytes = 512 * 1024 * 1024;

async function refuseDamaged(database: Kysely<Tables>, path: string): Promise<void> {
  if (((await sizeOf(path)) ?? 0) > checkedBytes) return;
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(database);
  const finding = rows[0]?.quick_check ?? '';
  if (finding !== 'ok') throw damageAt(path, finding.replace(/^\*\*\*.*\*\*\*\n/, ''));
}
