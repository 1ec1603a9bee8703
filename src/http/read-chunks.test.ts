import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { readChunks } from './read-chunks.ts';

test('a body that is there at once is read over several rounds of the event loop', async () => {
  const chunks = Array.from({ length: 32 }, () => Buffer.alloc(64 * 1024));
  let rounds = 0;
  let isOver = false;
  const count = () => {
    rounds++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  let sizeBytes = 0;
  await readChunks(Readable.from(chunks), { maxBytes: 4 * 2 ** 20 }, (chunk) => {
    sizeBytes += chunk.length;
  });
  isOver = true;
  assert.equal(sizeBytes, 2 * 2 ** 20);
  assert.ok(rounds >= 7, `${rounds} rounds for eight times 256 KiB`);
});

test('what is too much is refused in the middle, and nobody reads on', async () => {
  const payload = Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(64 * 1024)));
  let taken = 0;
  const reading = readChunks(payload, { maxBytes: 2 ** 20 }, () => {
    taken++;
  });
  await assert.rejects(reading, { code: 'body_too_large' });
  assert.equal(taken, 16);
});
