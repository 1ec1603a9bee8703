/** The file that an exported instance is carried in: its records as lines of JSON, compressed, sealed. */
import { createReadStream } from 'node:fs';
import { open as openFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type InstanceRecord, lineOf, recordFrom } from './instance-record.ts';
import { type LineLimits, linesOf } from './lines.ts';
import { MovingError } from './moving-error.ts';
import { damaged, open, seal } from './sealed-stream.ts';

/** Far more than anything has to say: a few bytes that unpack to a disk full of nothing are no instance. */
const limits: LineLimits = { lineBytes: 64 * 2 ** 20, totalBytes: 8 * 2 ** 30 };

/**
 * Writes a file, for its owner's eyes only. It is on the disk as a whole when this resolves, and not there at all when
 * it rejects.
 *
 * Errors: `MovingError` when there is such a file already, or it cannot be written.
 */
export async function writeInstanceFile(
  path: string,
  records: AsyncIterable<InstanceRecord>,
  passphrase: string,
): Promise<void> {
  await refuseToOverwrite(path);
  const unfinished = `${path}.unfinished`;
  try {
    await using file = await openFile(unfinished, 'w', 0o600);
    await file.chmod(0o600); // one that an earlier attempt left may have another mode
    await pipeline(
      linesFrom(records),
      createGzip(),
      (content) => seal(content, passphrase),
      (sealed) => file.writeFile(sealed),
    );
    await file.sync();
    await rename(unfinished, path);
    await using directory = await openFile(dirname(path), 'r');
    await directory.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw explained(error, `The file ${path} cannot be written`);
  }
}

/**
 * Reads a file and hands its records to `take` as they come. Only when this resolves it is known that they were all.
 *
 * Errors: those of `take`; `MovingError` when the file cannot be read, is none of these, was made by a newer version or
 * with another passphrase, or is damaged.
 */
export async function readInstanceFile<Result>(
  path: string,
  passphrase: string,
  take: (records: AsyncIterable<InstanceRecord>) => Promise<Result>,
): Promise<Result> {
  try {
    return await pipeline(
      createReadStream(path),
      (sealed: AsyncIterable<Uint8Array>) => open(sealed, passphrase),
      createGunzip(),
      (content: AsyncIterable<Uint8Array>) => take(recordsFrom(content)),
    );
  } catch (error) {
    throw explained(error, `The file ${path} cannot be read`);
  }
}

/**
 * Reads a file to its end, and keeps nothing of it.
 *
 * Errors: `MovingError`, see `readInstanceFile`.
 */
export function checkInstanceFile(path: string, passphrase: string): Promise<void> {
  return readInstanceFile(path, passphrase, async (records) => {
    for await (const _record of records);
  });
}

async function refuseToOverwrite(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found) throw new MovingError(`${path} is there already. Choose another file.`);
}

async function* linesFrom(records: AsyncIterable<InstanceRecord>): AsyncGenerator<string> {
  for await (const record of records) yield lineOf(record);
}

async function* recordsFrom(content: AsyncIterable<Uint8Array>): AsyncGenerator<InstanceRecord> {
  for await (const line of linesOf(content, limits)) yield recordFrom(line);
}

/** Errors of the file system and of unpacking, in a sentence; others as they are. */
function explained(cause: unknown, what: string): unknown {
  const { code, syscall, message } = cause as NodeJS.ErrnoException;
  if (code?.startsWith('Z_')) return new MovingError(damaged, { cause });
  return syscall === undefined ? cause : new MovingError(`${what}: ${message}.`, { cause });
}
