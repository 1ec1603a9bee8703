import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { open, seal } from './sealed-stream.ts';

const passphrase = 'correct horse';
const chunkBytes = 65_536;
const sealedChunkBytes = chunkBytes + 16;

async function* piecesOf(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const held: Uint8Array[] = [];
  for await (const piece of pieces) held.push(piece);
  return Buffer.concat(held);
}

const sealed = (content: Uint8Array) => all(seal(piecesOf(content, 10_000), passphrase));
const opened = (bytes: Uint8Array, key = passphrase) => all(open(piecesOf(bytes, 7_777), key));

async function refusal(bytes: Uint8Array, key?: string): Promise<string> {
  const error = await opened(bytes, key).then(
    () => assert.fail('it was opened'),
    (reason: unknown) => reason as Error,
  );
  assert.equal(error.name, 'MovingError', error.stack);
  return error.message;
}

test('what was sealed opens as it was, whatever its length', async () => {
  for (const sizeBytes of [2 * chunkBytes, chunkBytes + 1]) {
    const content = randomBytes(sizeBytes);
    const bytes = await sealed(content);
    assert.ok(!bytes.includes(content.subarray(0, 32)));
    assert.deepEqual(await opened(bytes), content);
  }
});

test('a passphrase opens however its accents are typed, and another one does not', async () => {
  const bytes = await all(seal(piecesOf(randomBytes(5), 5), 'ação secreta'.normalize('NFD')));
  assert.equal((await opened(bytes, 'ação secreta'.normalize('NFC'))).length, 5);
  const sentence = 'The passphrase is not the one that the file was made with.';
  assert.equal(await refusal(bytes, 'acao secreta'), sentence);
});

test('nothing can be changed, cut off, added or moved without being noticed', async () => {
  const whole = await sealed(randomBytes(3 * chunkBytes));
  const start = whole.indexOf('\n') + 1;
  const [header, one, two, three] = [
    whole.subarray(0, start),
    whole.subarray(start, start + sealedChunkBytes),
    whole.subarray(start + sealedChunkBytes, start + 2 * sealedChunkBytes),
    whole.subarray(start + 2 * sealedChunkBytes),
  ] as [Buffer, Buffer, Buffer, Buffer];
  const changed = Buffer.from(whole);
  changed[start + sealedChunkBytes + 5] = (changed[start + sealedChunkBytes + 5] ?? 0) ^ 1;
  const damages: Record<string, Uint8Array> = {
    'a changed bit': changed,
    'a lost chunk at the end': Buffer.concat([header, one, two]),
    'chunks in another order': Buffer.concat([header, two, one, three]),
    'more than was sealed': Buffer.concat([whole, Buffer.from('more')]),
    'a header with more in it': Buffer.concat([Buffer.from('{"a":1,'), whole.subarray(1)]),
  };
  for (const [what, bytes] of Object.entries(damages)) assert.match(await refusal(bytes), /damaged/, what);
});

test('what is something else, newer, or asks for too much memory is refused before any work is done', async () => {
  const header = {
    format: 'pombo-instance',
    version: 1,
    scrypt: { N: 2 ** 17, r: 8, p: 1 },
    salt: 'AAAA',
    check: 'AAAA',
  };
  const refused = (fields: object) => refusal(Buffer.from(`${JSON.stringify(fields)}\n`));
  assert.match(await refusal(Buffer.from('')), /no exported instance/);
  assert.match(await refusal(Buffer.from('null\n')), /no exported instance/);
  assert.match(await refusal(randomBytes(100_000)), /no exported instance/);
  assert.match(
    await refusal(Buffer.from(`{"format":"pombo-instance"${' '.repeat(9_999)}}\n`)),
    /no exported/,
  );
  assert.match(await refused({ ...header, format: 'zip' }), /no exported instance/);
  assert.match(await refused({ ...header, version: 2 }), /newer version/);
  for (const scrypt of [
    { N: 2 ** 30, r: 8, p: 1 },
    { N: 2 ** 17, r: 1_000, p: 1 },
    { N: 2 ** 17, r: 8, p: 1_000_000 },
  ]) {
    assert.match(await refused({ ...header, scrypt }), /more memory or work/);
  }
  for (const scrypt of [{ N: 3, r: 8, p: 1 }, { N: '8', r: 8, p: 1 }, { N: 8, r: 0.5, p: 1 }, null]) {
    assert.match(await refused({ ...header, scrypt }), /damaged/);
  }
  assert.match(await refused({ ...header, salt: 7 }), /damaged/);
});
