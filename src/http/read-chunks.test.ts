import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import { readChunks } from './read-chunks.ts';

const options = {
  maxBytes: 4 * 2 ** 20,
  tooLarge: () => new GatewayError('picture_too_large'),
  silenceMs: 60_000,
};

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
  await readChunks(Readable.from(chunks), options, (chunk) => {
    sizeBytes += chunk.length;
  });
  isOver = true;
  assert.equal(sizeBytes, 2 * 2 ** 20);
  assert.ok(rounds >= 7, `${rounds} rounds for eight times 256 KiB`);
});

test('what is too much is refused in the middle, and nobody reads on', async () => {
  const payload = Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(64 * 1024)));
  let taken = 0;
  const reading = readChunks(payload, { ...options, maxBytes: 2 ** 20 }, () => {
    taken++;
  });
  await assert.rejects(reading, { code: 'picture_too_large' });
  assert.equal(taken, 16);
});

test('a body of which nothing comes any more is given up, and one that goes on is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const payload = new Readable({ read() {} });
  let taken = 0;
  let isOver = false;
  const reading = readChunks(payload, { ...options, silenceMs: 30_000 }, () => {
    taken++;
  }).finally(() => {
    isOver = true;
  });
  const givenUp = assert.rejects(reading, { code: 'request_timeout', message: /for 30 seconds/ });
  for (let chunk = 1; chunk <= 5; chunk++) {
    t.mock.timers.tick(29_999);
    payload.push('more');
    while (taken < chunk) await nextTurn();
  }
  t.mock.timers.tick(29_999);
  await nextTurn();
  assert.equal(isOver, false);
  t.mock.timers.tick(1);
  await givenUp;
});
