import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Secret } from '../secret.ts';
import { SecretBox } from './secret-box.ts';
import { StorageError } from './storage-error.ts';
import type { Tables } from './tables.ts';

const checkText = 'pombo';
const checkPlace = 'secret_key/1';

/**
 * The box that opens what this data directory holds, with the configured key (64 hex digits) or else the one in the
 * file `secret.key`, which is made when nothing has been encrypted yet.
 *
 * Errors: `StorageError` when the key is missing or is not the one that the database was written with.
 */
export async function openSecretBox(
  database: Kysely<Tables>,
  { dataDir, secretKey }: { dataDir: string; secretKey?: Secret | undefined },
): Promise<SecretBox> {
  const path = join(dataDir, 'secret.key');
  const stored = await database.selectFrom('secret_key').select('sealed_check').executeTakeFirst();
  const hex =
    secretKey?.reveal() ?? (await readKeyFile(path)) ?? (stored ? undefined : await makeKeyFile(path));
  if (hex === undefined) {
    throw new StorageError(
      `The key of this data directory is missing: put ${path} back, or set POMBO_SECRET_KEY to the key it was used with.`,
    );
  }
  const box = new SecretBox(Buffer.from(hex, 'hex'));
  if (!stored) {
    const row = { version: 1, sealed_check: box.seal(checkText, checkPlace) };
    await database.insertInto('secret_key').values(row).execute();
    return box;
  }
  try {
    box.open(stored.sealed_check, checkPlace);
  } catch (cause) {
    const source = secretKey ? 'POMBO_SECRET_KEY' : `The key in ${path}`;
    throw new StorageError(`${source} is not the key that this data directory was encrypted with.`, {
      cause,
    });
  }
  return box;
}

async function readKeyFile(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{64}$/i.test(text.trim())) {
    throw new StorageError(`The key file ${path} does not hold a key (64 hex digits).`);
  }
  return text.trim();
}

/** Makes the key file; it is whole and on the disk, with its name, before anything is encrypted with it. */
async function makeKeyFile(path: string): Promise<string> {
  const hex = randomBytes(32).toString('hex');
  const unfinished = `${path}.new`;
  await synced(open(unfinished, 'w', 0o600), (file) => file.writeFile(`${hex}\n`));
  await rename(unfinished, path);
  await synced(open(dirname(path), 'r'));
  return hex;
}

async function synced(
  opening: Promise<FileHandle>,
  write?: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await using file = await opening;
  await write?.(file);
  await file.sync();
}
