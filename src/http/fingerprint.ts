import { createHash, webcrypto } from 'node:crypto';

/**
 * A hash of what JSON can hold and of bytes (SHA-256, hex): the same for the same values, in whatever order the
 * members of an object stand. It is made off the event loop.
 */
export const fingerprintOf = async (value: unknown): Promise<string> => digestOf(await canonical(value));

/** A text that stands for exactly one value. Bytes and long texts are in it by their digests. */
async function canonical(value: unknown): Promise<string> {
  if (value instanceof Uint8Array) return `bytes:${await digestOf(value)}`;
  if (typeof value === 'string' && value.length > longestText) return `text:${await digestOf(value)}`;
  if (Array.isArray(value)) return `[${(await Promise.all(value.map(canonical))).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    const texts = members.map(async ([name, member]) => `${JSON.stringify(name)}:${await canonical(member)}`);
    return `{${(await Promise.all(texts)).sort().join()}}`;
  }
  return JSON.stringify(value) ?? 'undefined';
}

const longestText = 1_024;

/**
 * The digest of the digests of pieces: what is handed to another thread is copied first, and a whole picture would
 * keep the event loop for milliseconds.
 */
async function digestOf(value: Uint8Array | string): Promise<string> {
  const digests = createHash('sha256');
  for (const piece of piecesOf(value)) {
    digests.update(new Uint8Array(await webcrypto.subtle.digest('SHA-256', piece)));
  }
  return digests.digest('hex');
}

const pieceLength = 2 ** 19;

function* piecesOf(value: Uint8Array | string): Generator<Uint8Array> {
  for (let start = 0; start < value.length; start += pieceLength) {
    const end = start + pieceLength;
    // UTF-16, so that a cut between the halves of a character loses nothing.
    yield typeof value === 'string'
      ? Buffer.from(value.slice(start, end), 'utf16le')
      : value.subarray(start, end);
  }
}
