import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError } from '../storage-error.ts';

/**
 * The file that holds the secret key of a data directory when no setting does: 64 hex digits. Another key is put
 * beside it as the next one, and takes its place in one step; both are on the disk, with their names, when that
 * resolves.
 */
export class KeyFile {
  readonly path: string;
  readonly #nextPath: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'secret.key');
    this.#nextPath = `${this.path}.new`;
  }

  /**
   * The key; `undefined` when there is no file. A file that others may read, such as one that a backup brought back,
   * is the owner's alone from then on.
   *
   * Errors: `StorageError` when it holds no key.
   */
  async read(): Promise<string | undefined> {
    const text = await read(this.path);
    if (text !== undefined && !isKey(text)) {
      throw new StorageError(`The key file ${this.path} does not hold a key (64 hex digits).`);
    }
    return text;
  }

  /** The next key, if it was put there as a whole. */
  async readNext(): Promise<string | undefined> {
    const text = await read(this.#nextPath);
    return text !== undefined && isKey(text) ? text : undefined;
  }

  async putNext(hex: string): Promise<void> {
    await synced(open(this.#nextPath, 'w', 0o600), (file) => file.writeFile(`${hex}\n`));
    await synced(open(dirname(this.path), 'r'));
  }

  async takeNext(): Promise<void> {
    await rename(this.#nextPath, this.path);
    await synced(open(dirname(this.path), 'r'));
  }

  async forgetNext(): Promise<void> {
    await rm(this.#nextPath, { force: true });
  }
}

const isKey = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text);

async function read(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) await file.chmod(0o600);
    return (await file.readFile('utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function synced(
  opening: Promise<FileHandle>,
  write?: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await using file = await opening;
  await write?.(file);
  await file.sync();
}
