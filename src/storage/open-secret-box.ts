import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Secret } from '../secret.ts';
import { StorageError } from '../storage-error.ts';
import { KeyFile } from './key-file.ts';
import { placeOf } from './places.ts';
import { SecretBox } from './secret-box.ts';
import type { Tables } from './tables.ts';

const checkText = 'pombo';

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
  const file = new KeyFile(dataDir);
  const check = await storedCheck(database);
  if (check === undefined) {
    const box = boxWith(secretKey?.reveal() ?? (await file.read()) ?? (await makeKey(file)));
    const row = { version: 1, sealed_check: box.seal(checkText, placeOf.secretKeyCheck) };
    await database.insertInto('secret_key').values(row).execute();
    return box;
  }
  return secretKey ? boxOfSetting(secretKey, check, file) : boxOfFile(check, file);
}

/** Whether all that is encrypted in this database is encrypted with this key; also `false` when there is nothing yet. */
export async function isKeyOf(database: Kysely<Tables>, key: Secret): Promise<boolean> {
  const check = await storedCheck(database);
  return check !== undefined && opens(boxWith(key.reveal()), check);
}

/** The box of a key in 64 hex digits. */
export const boxWith = (hex: string): SecretBox => new SecretBox(Buffer.from(hex, 'hex'));

async function storedCheck(database: Kysely<Tables>): Promise<string | undefined> {
  const row = await database.selectFrom('secret_key').select('sealed_check').executeTakeFirst();
  return row?.sealed_check;
}

function opens(box: SecretBox, check: string): boolean {
  try {
    return box.open(check, placeOf.secretKeyCheck) === checkText;
  } catch {
    return false; // with another key it does not open: that is what is asked here
  }
}

async function makeKey(file: KeyFile): Promise<string> {
  const hex = randomBytes(32).toString('hex');
  await file.putNext(hex);
  await file.takeNext();
  return hex;
}

async function boxOfSetting(secretKey: Secret, check: string, file: KeyFile): Promise<SecretBox> {
  const box = boxWith(secretKey.reveal());
  if (opens(box, check)) return box;
  const kept = await file.read();
  const advice =
    kept && opens(boxWith(kept), check) ? ` The one in ${file.path} is: unset POMBO_SECRET_KEY.` : '';
  throw new StorageError(
    `POMBO_SECRET_KEY is not the key that this data directory was encrypted with.${advice}`,
  );
}

async function boxOfFile(check: string, file: KeyFile): Promise<SecretBox> {
  const [key, next] = [await file.read(), await file.readNext()];
  if (key !== undefined && opens(boxWith(key), check)) {
    await file.forgetNext(); // of a change of the key that ended before anything was encrypted with it
    return boxWith(key);
  }
  if (next !== undefined && opens(boxWith(next), check)) {
    await file.takeNext(); // the change of the key was all but finished
    return boxWith(next);
  }
  throw new StorageError(
    key === undefined
      ? `The key of this data directory is missing: put ${file.path} back, or set POMBO_SECRET_KEY to the key it was used with.`
      : `The key in ${file.path} is not the key that this data directory was encrypted with. Put the right one back, or set POMBO_SECRET_KEY to it.`,
  );
}
