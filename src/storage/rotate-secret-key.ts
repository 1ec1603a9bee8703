import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { Secret } from '../secret.ts';
import { StorageError } from '../storage-error.ts';
import { hasDatabase } from './has-database.ts';
import { inDataDirectory } from './in-data-directory.ts';
import { KeyFile } from './key-file.ts';
import { openDatabase } from './open-database.ts';
import { boxWith, isKeyOf, openSecretBox } from './open-secret-box.ts';
import { sealAgain } from './seal-again.ts';
import type { Tables } from './tables.ts';

interface Keys {
  readonly dataDir: string;
  /** The key up to now, 64 hex digits; the one of the key file when it is not given. */
  readonly secretKey?: Secret | undefined;
  /** The key from now on; one that is made when it is not given, which takes a key file to keep it in. */
  readonly newSecretKey?: Secret | undefined;
}

interface Rotated {
  /** How many values are encrypted with the new key now; `undefined` when they already were. */
  readonly valueCount: number | undefined;
  /** Where the new key is kept; `undefined` when whoever gave it has to. */
  readonly keyFile: string | undefined;
}

/**
 * Encrypts all that is encrypted in a data directory with another key, in one transaction, and wipes what was there
 * before. However it is interrupted, the directory opens with exactly one of the two keys: a new key is in the key
 * file's place, or next to it, before anything needs it. To begin again finishes what was begun.
 *
 * Errors: `StorageError`, among others while a gateway runs on the directory.
 */
export function rotateSecretKey(keys: Keys): Promise<Rotated> {
  return inDataDirectory(keys.dataDir, () => rotate(keys));
}

async function rotate({ dataDir, secretKey, newSecretKey }: Keys): Promise<Rotated> {
  if (!(await hasDatabase(dataDir))) {
    throw new StorageError(`There is no database in ${dataDir}: check POMBO_DATA_DIR.`);
  }
  if (secretKey && !newSecretKey) {
    throw new StorageError(
      'The key comes from POMBO_SECRET_KEY, so the new one has to come from POMBO_NEW_SECRET_KEY: set it to what `openssl rand -hex 32` prints.',
    );
  }
  await using opened = await openDatabase(dataDir);
  const { database } = opened;
  const file = secretKey ? undefined : new KeyFile(dataDir);
  if (newSecretKey && (await isKeyOf(database, newSecretKey))) {
    await openSecretBox(database, { dataDir, secretKey: secretKey && newSecretKey }); // puts the key file right
    await wipe(database);
    return { valueCount: undefined, keyFile: file?.path };
  }

  const from = await openSecretBox(database, { dataDir, secretKey });
  const key = newSecretKey ?? new Secret(randomBytes(32).toString('hex'));
  await file?.putNext(key.reveal());
  const valueCount = await database
    .transaction()
    .execute((transaction) => sealAgain(transaction, { from, to: boxWith(key.reveal()) }));
  await file?.takeNext();
  await wipe(database);
  return { valueCount, keyFile: file?.path };
}

/** Builds the database file anew: the free places of the old one hold what the old key opens. */
async function wipe(database: Kysely<Tables>): Promise<void> {
  try {
    await sql`vacuum`.execute(database);
  } catch (cause) {
    const { message } = cause as Error;
    throw new StorageError(
      `Everything is encrypted with the new key now. But what the old key opens is still in the unused parts of the database file, because it could not be built anew: ${message} Run this again when that is mended.`,
      { cause },
    );
  }
}
