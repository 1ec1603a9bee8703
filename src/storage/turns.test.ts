import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('the slices of all who work at the same time come in turns of their own, one after another', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const work = async (name: string, items: readonly number[]) => {
    for await (const slice of turns.slices(items, 2)) done.push(`${name} ${slice}`);
  };
  const all = Promise.all([work('a', [1, 2, 3, 4, 5]), work('b', [6, 7, 8]), work('none', [])]);
  const seen: string[][] = [];
  for (let turn = 0; turn < 5; turn++) {
    await nextTurn();
    seen.push(done.splice(0));
  }
  assert.deepEqual(
    seen.filter((slices) => slices.length > 0),
    [['a 1,2', 'b 6,7'], ['a 3,4'], ['b 8'], ['a 5']],
  );
  await all;
  const again = work('c', [1, 2, 3]);
  await nextTurn();
  await nextTurn();
  assert.deepEqual(done, ['c 1,2', 'c 3']);
  await again;
});
