import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginLine } from './login-line.ts';

/** Those whose turn it was, in order, how to stand in line, and how many rest; by default nobody ever does. */
function newLine(places: number, { rests = false } = {}) {
  const resting: (() => void)[] = [];
  const rest = (onOver: () => void) => {
    if (rests) resting.push(onOver);
    else onOver();
  };
  const line = new LoginLine({ places, rest });
  const turns: string[] = [];
  const enter = (name: string, isFirst = false) => line.enter(() => turns.push(name), { isFirst });
  return { turns, enter, resting };
}

test('as many log in at the same time as there are places, the others one after another as places get free', () => {
  const { turns, enter } = newLine(2);
  const [a, b] = ['a', 'b', 'c', 'd'].map((name) => enter(name));
  assert.deepEqual(turns, ['a', 'b']);
  b?.[Symbol.dispose]();
  assert.deepEqual(turns, ['a', 'b', 'c']);
  a?.[Symbol.dispose]();
  assert.deepEqual(turns, ['a', 'b', 'c', 'd']);
});

test('those for whom someone waits go ahead of the others, in the order in which they came', () => {
  const { turns, enter } = newLine(1);
  const places = new Map<string, Disposable>();
  for (const name of ['a', 'b']) places.set(name, enter(name));
  for (const name of ['X', 'Y']) places.set(name, enter(name, true));
  for (let count = 0; count < 4; count += 1) places.get(turns.at(-1) ?? '')?.[Symbol.dispose]();
  assert.deepEqual(turns, ['a', 'X', 'Y', 'b']);
});

test('who leaves the line gets no turn, and takes no place from the others', () => {
  const { turns, enter } = newLine(1);
  const a = enter('a');
  const b = enter('b');
  enter('c');
  b[Symbol.dispose]();
  assert.deepEqual(turns, ['a']);
  a[Symbol.dispose]();
  assert.deepEqual(turns, ['a', 'c']);
});

test('a place that is given back twice is one place', () => {
  const { turns, enter } = newLine(1);
  const a = enter('a');
  for (const name of ['b', 'c']) enter(name);
  a[Symbol.dispose]();
  a[Symbol.dispose]();
  assert.deepEqual(turns, ['a', 'b']);
});

test('after each one who began the line rests, whatever places there are and whoever comes or goes', () => {
  const { turns, enter, resting } = newLine(3, { rests: true });
  const a = enter('a');
  enter('b');
  enter('X', true);
  a[Symbol.dispose]();
  assert.deepEqual([turns, resting.length], [['a'], 1]);
  resting.shift()?.();
  assert.deepEqual([turns, resting.length], [['a', 'X'], 1]);
  resting.shift()?.();
  resting.shift()?.();
  assert.deepEqual([turns, resting.length], [['a', 'X', 'b'], 0]);
  enter('c');
  assert.deepEqual(turns, ['a', 'X', 'b', 'c']);
});
