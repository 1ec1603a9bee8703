import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../manual-clock.fixture.ts';
import { whenLoopIsFree } from './when-loop-is-free.ts';

/** When it was called, for a loop whose pauses of 1 ms take so long. */
function calledAfter(pausesMs: readonly number[]): number | undefined {
  const clock = new ManualClock();
  const startMs = clock.now().getTime();
  let calledAtMs: number | undefined;
  whenLoopIsFree(clock, () => {
    assert.equal(calledAtMs, undefined, 'it was called twice');
    calledAtMs = clock.now().getTime();
  });
  for (const pauseMs of pausesMs) clock.pass(pauseMs);
  return calledAtMs && calledAtMs - startMs;
}

test('a loop that has time is free after a moment, not at once', () => {
  assert.equal(calledAfter([]), undefined);
  assert.equal(calledAfter([1, 1]), 1);
});

test('a loop whose pauses end late is free when one has ended in time', () => {
  assert.equal(calledAfter([4, 30, 40]), undefined);
  assert.equal(calledAfter([4, 30, 40, 3, 1]), 77);
});

test('a loop that is busy all the time is taken for free after 100 ms', () => {
  assert.equal(calledAfter([24, 25, 25, 25]), undefined);
  assert.equal(calledAfter([25, 25, 25, 25, 25]), 100);
  assert.equal(calledAfter([300]), 300);
});
