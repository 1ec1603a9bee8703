import { StorageError } from '../storage-error.ts';

const corrupt = 11;

/** SQLite's primary result codes, see https://www.sqlite.org/rescode.html: what an operator can do something about. */
const advice = new Map<number, string>([
  [8, 'cannot be written: check that the file system is not read-only, and the owner of the folder'],
  [10, 'cannot be read or written: check the disk, how full it is, and its limits'],
  [corrupt, 'is damaged: stop Pombo, check the disk, and put a backup of the data folder back'],
  [13, 'cannot grow: the disk is full. Make room, and it goes on'],
  [14, 'cannot be opened: check the rights of the folder'],
  [26, 'is not a database, or its beginning is damaged: put a backup of the data folder back'],
]);

/** A `StorageError` when a failure of `node:sqlite` is about the file or its disk; any other error as it is. */
export function storageErrorOf(error: unknown, path: string): unknown {
  const { errcode, message } = error as { errcode?: unknown; message?: string };
  const sentence = typeof errcode === 'number' ? advice.get(errcode & 0xff) : undefined;
  return sentence === undefined
    ? error
    : new StorageError(`The database ${path} ${sentence} (${message}).`, { cause: error });
}

/** That the database at `path` is damaged, as somebody found who looked. */
export const damageAt = (path: string, finding: string): StorageError =>
  new StorageError(`The database ${path} ${advice.get(corrupt)} (${finding}).`);
