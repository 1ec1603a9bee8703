import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from './byte-budget.ts';
import { collectBytes } from './collect-bytes.ts';

const mostBytes = 300_000;

test('the bytes of a stream come in one piece, and no more is held than what has arrived', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 10 }), { maxLength: 8 });
  const repeat = fc.integer({ min: 1, max: 2_000 }); // so that some chunks are longer than a piece
  await fc.assert(
    fc.asyncProperty(chunks, repeat, async (short, times) => {
      const parts = short.map((part) => Buffer.concat(Array<Uint8Array>(times * 5).fill(part)));
      const whole = Buffer.concat(parts);
      const budget = new ByteBudget(whole.length + 64 * 1024);
      using share = budget.reserve(0);
      const collected = collectBytes(Readable.from(parts), {
        maxBytes: mostBytes,
        share,
        tooLarge: () => {
          throw new RangeError('too large');
        },
      });
      if (whole.length > mostBytes) await assert.rejects(collected, RangeError);
      else assert.ok(whole.equals(await collected));
    }),
    { numRuns: 50 },
  );
});

test('a stream that is longer than what may be held ends', async () => {
  using share = new ByteBudget(128 * 1024).reserve(0);
  let chunks = 0;
  async function* endless() {
    for (;;) {
      chunks++;
      yield Buffer.alloc(1_000);
    }
  }
  const collected = collectBytes(endless(), {
    maxBytes: mostBytes,
    share,
    tooLarge: () => assert.fail('the limit'),
  });
  await assert.rejects(collected, { code: 'overloaded' });
  assert.equal(chunks, 132);
});
