import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lines } from './lines.ts';

/** Lines whose work ends when it is told to. */
function heldLines(limits: { atOnce: number; maxWaiting: number }) {
  const begun: { key: string; items: readonly number[]; end: () => void }[] = [];
  const lines = new Lines<string, number>({
    ...limits,
    work: (key, items) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      begun.push({ key, items, end: resolve });
      return promise;
    },
  });
  const work = () => begun.map(({ key, items }) => `${key} ${items.join('+')}`);
  /** Ends the piece of work that began last. */
  const endLast = async () => {
    begun.at(-1)?.end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { lines, work, endLast };
}

test('a line goes in order, some at a time, and does not wait for another', async () => {
  const { lines, work, endLast } = heldLines({ atOnce: 2, maxWaiting: 10 });
  for (const item of [1, 2, 3, 4]) lines.add('a', item);
  lines.add('b', 5);
  assert.deepEqual(work(), ['a 1', 'b 5']);
  await endLast();
  assert.deepEqual(work(), ['a 1', 'b 5']);
  lines.add('b', 6);
  assert.deepEqual(work(), ['a 1', 'b 5', 'b 6']);

  const other = heldLines({ atOnce: 2, maxWaiting: 10 });
  for (const item of [1, 2, 3, 4]) other.lines.add('a', item);
  await other.endLast();
  await other.endLast();
  assert.deepEqual(other.work(), ['a 1', 'a 2+3', 'a 4']);
});

test('a line that is too long takes no more until it is shorter', async () => {
  const { lines, work, endLast } = heldLines({ atOnce: 1, maxWaiting: 2 });
  assert.deepEqual(
    [1, 2, 3, 4].map((item) => lines.add('a', item)),
    [true, true, true, false],
  );
  await endLast();
  assert.equal(lines.add('a', 5), true);
  assert.deepEqual(work(), ['a 1', 'a 2']);
});

test('who waits can be sent away', async () => {
  const { lines, work, endLast } = heldLines({ atOnce: 1, maxWaiting: 2 });
  for (const item of [1, 2]) lines.add('a', item);
  lines.clear();
  await endLast();
  assert.deepEqual(work(), ['a 1']);
});
