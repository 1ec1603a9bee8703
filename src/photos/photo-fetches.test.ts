import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { pino } from 'pino';
import { PhotoFetches } from './photo-fetches.ts';

/** Fetches that end when they are told to, and what the log says of them. */
function newFetches() {
  const logged: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  const begun: PromiseWithResolvers<void>[] = [];
  const fetch = () => {
    const ending = Promise.withResolvers<void>();
    begun.push(ending);
    return ending.promise;
  };
  return { fetches: new PhotoFetches({ logger }), fetch, begun, logged };
}

test('two photos are fetched at a time, the others follow, and one that fails holds nothing up', async () => {
  const { fetches, fetch, begun, logged } = newFetches();
  for (let count = 0; count < 4; count += 1) fetches.add(fetch);
  await nextRound();
  assert.equal(begun.length, 2);
  begun[0]?.reject(new Error('no such photo'));
  await nextRound();
  assert.equal(begun.length, 3);
  begun[1]?.resolve();
  await nextRound();
  assert.equal(begun.length, 4);
  assert.deepEqual(logged, ['A photo could not be fetched for the history']);
  for (const { resolve } of begun) resolve();
  await fetches.end();

  fetches.add(fetch); // after a rest, too
  await nextRound();
  assert.equal(begun.length, 5);
});

test('no more than 100 photos wait to be fetched', async () => {
  const { fetches, fetch, begun, logged } = newFetches();
  for (let count = 0; count < 103; count += 1) fetches.add(fetch);
  assert.equal(logged.length, 1);
  const ended = fetches.end();
  for (const { resolve } of begun) resolve();
  await ended;
  await nextRound();
  assert.equal(begun.length, 2, 'what waited is dropped');
});
