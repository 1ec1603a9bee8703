/**
 * Bytes that only a passphrase opens, of any length and in little memory.
 *
 * First comes a line of JSON, the header: what it is, its version, and how the key comes from the passphrase. Then come
 * chunks of 64 KiB, each encrypted by itself with AES-256-GCM and followed by its tag. The nonce of a chunk is its number
 * and whether it is the last one, and each authenticates the header, so that none can be changed, left out, cut off or
 * put elsewhere. Source of the construction: "STREAM", Hoang, Reyhanitabar, Rogaway and Vizár, 2015.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { MovingError } from './moving-error.ts';

const format = 'pombo-instance';
const version = 1;
const chunkBytes = 65_536;
const tagBytes = 16;
const keyBytes = 32;
const checkBytes = 16;
/** A header has some 150 bytes. */
const longestHeaderBytes = 1_024;

/** What scrypt costs. 128 MiB and a third of a second: OWASP Password Storage Cheat Sheet, scrypt, first choice. */
const cost = { N: 2 ** 17, r: 8, p: 1 };
/** What the header of a file may ask of us: 256 MiB, and four times the work. */
const highestCost = { memoryBytes: 256 * 2 ** 20, p: 4 };

interface Header {
  readonly format: string;
  readonly version: number;
  readonly scrypt: { readonly N: number; readonly r: number; readonly p: number };
  /** Base64. */
  readonly salt: string;
  /** Base64: tells whether the passphrase is the right one. */
  readonly check: string;
}

/** Encrypts `content`. */
export async function* seal(
  content: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(16).toString('base64');
  const { key, check } = await deriveKey(passphrase, { scrypt: cost, salt });
  const fields: Header = { format, version, scrypt: cost, salt, check: check.toString('base64') };
  const header = Buffer.from(`${JSON.stringify(fields)}\n`);
  yield header;
  let number = 0;
  for await (const { bytes, isLast } of inChunks(content, chunkBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast)).setAAD(header);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    number += 1;
  }
}

/**
 * Decrypts what `seal` gave. What has been yielded is as it was sealed, but only after the end it is known to be all.
 *
 * Errors: `MovingError` for what was not made by `seal`, or by a newer one; for another passphrase; and for what was
 * changed or is not whole.
 */
export async function* open(
  sealed: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array> {
  const { header, rest } = await splitHeader(sealed);
  const fields = readHeader(header);
  const { key, check } = await deriveKey(passphrase, fields);
  const expected = Buffer.from(fields.check, 'base64');
  if (expected.length !== checkBytes || !timingSafeEqual(check, expected)) {
    throw new MovingError('The passphrase is not the one that the file was made with.');
  }
  let number = 0;
  for await (const { bytes, isLast } of inChunks(rest, chunkBytes + tagBytes)) {
    yield openChunk(bytes, { key, header, nonce: nonceOf(number, isLast) });
    number += 1;
  }
}

function openChunk(
  bytes: Uint8Array,
  { key, header, nonce }: { key: Uint8Array; header: Uint8Array; nonce: Uint8Array },
): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(header).setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new MovingError(damaged, { cause });
  }
}

/** What is said of a file that is not as it was made. */
export const damaged =
  'The file is damaged, or not all of it is there. Copy it again from where it was made.';

async function deriveKey(
  passphrase: string,
  { scrypt: { N, r, p }, salt }: Pick<Header, 'scrypt' | 'salt'>,
): Promise<{ key: Buffer; check: Buffer }> {
  const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
  // One passphrase is one sequence of bytes, however the keyboard composes its accents.
  const text = passphrase.normalize('NFC');
  const options = { N, r, p, maxmem: memoryOf({ N, r }) * 2 };
  const derived = await derive(text, Buffer.from(salt, 'base64'), keyBytes + checkBytes, options);
  return { key: derived.subarray(0, keyBytes), check: derived.subarray(keyBytes) };
}

const memoryOf = ({ N, r }: { N: number; r: number }): number => 128 * N * r;

function readHeader(bytes: Uint8Array): Header {
  const fields = parseJson(bytes);
  if (fields?.format !== format || typeof fields.version !== 'number') {
    throw new MovingError('The file is no exported instance.');
  }
  if (fields.version > version) {
    throw new MovingError('The file was made by a newer version of Pombo. Import it with that version.');
  }
  const { N = 0, r = 0, p = 0 } = fields.scrypt ?? {};
  const isSound =
    [N, r, p].every((number) => Number.isSafeInteger(number) && number > 0) &&
    N > 1 &&
    Number.isInteger(Math.log2(N)) &&
    typeof fields.salt === 'string' &&
    typeof fields.check === 'string';
  if (!isSound) throw new MovingError(damaged);
  if (memoryOf({ N, r }) > highestCost.memoryBytes || p > highestCost.p) {
    throw new MovingError('The file wants more memory or work for its passphrase than Pombo would ever ask.');
  }
  return fields as Header;
}

function parseJson(bytes: Uint8Array): Partial<Header> | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined; // whatever it is, it is no header
  }
}

/** The first line with its end, and what follows it. */
async function splitHeader(
  sealed: AsyncIterable<Uint8Array>,
): Promise<{ header: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
  const pieces = sealed[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (!start.includes('\n') && start.length < longestHeaderBytes) {
    const { value, done } = await pieces.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  const headerBytes = start.subarray(0, longestHeaderBytes).indexOf('\n') + 1;
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield start.subarray(headerBytes);
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  return { header: start.subarray(0, headerBytes), rest: rest() };
}

/** The same bytes in pieces of one size; only the last one is smaller, or empty when there are none. */
async function* inChunks(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<{ bytes: Uint8Array; isLast: boolean }> {
  let held = Buffer.alloc(0);
  for await (const piece of source) {
    held = Buffer.concat([held, piece]);
    // Which one is the last is only known by what does not follow it.
    for (; held.length > sizeBytes; held = held.subarray(sizeBytes)) {
      yield { bytes: held.subarray(0, sizeBytes), isLast: false };
    }
  }
  yield { bytes: held, isLast: true };
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 0, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}
