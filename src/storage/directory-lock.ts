import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StorageError } from '../storage-error.ts';

/**
 * Keeps a data directory for this process until it is disposed or the process ends, however it ends: the lock is
 * the operating system's own, held through an SQLite file that carries the process id.
 *
 * Errors: `StorageError` when another process has the directory; it is named.
 */
export function lockDirectory(directory: string): Disposable {
  const path = join(directory, 'pombo.lock');
  closeSync(openSync(path, 'a', 0o600));
  const lock = new DatabaseSync(path);
  try {
    // With this locking mode SQLite gives nothing back after the write. The journal would only be one more file.
    lock.exec(
      `PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = ${process.pid}`,
    );
    return lock;
  } catch (cause) {
    lock.close();
    if ((cause as { errcode?: number }).errcode !== sqliteBusy) throw cause;
    throw new StorageError(
      `The data directory ${directory} is in use by another Pombo (process ${holderOf(path)}). Stop it first, or choose another directory with POMBO_DATA_DIR.`,
      { cause },
    );
  }
}

const sqliteBusy = 5;

function holderOf(path: string): unknown {
  const url = pathToFileURL(path);
  url.search = 'immutable=1'; // read past the lock
  using file = new DatabaseSync(url, { readOnly: true });
  return file.prepare('PRAGMA user_version').get()?.user_version;
}
