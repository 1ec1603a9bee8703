import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../clock.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { waitUntil } from './wait-until.ts';

const dayMs = 86_400_000;

test('what is due in 90 days happens then, and no timer is longer than Node can keep', () => {
  const manual = new ManualClock();
  const clock: Clock = {
    now: () => manual.now(),
    after(delayMs, action) {
      assert.ok(delayMs < 2 ** 31);
      return manual.after(delayMs, action);
    },
  };
  let happened = 0;
  waitUntil(clock, new Date(manual.now().getTime() + 90 * dayMs + 1), () => {
    happened += 1;
  });
  for (let day = 0; day < 90; day += 1) manual.pass(dayMs);
  assert.equal(happened, 0);
  manual.pass(1);
  assert.equal(happened, 1);
  assert.equal(manual.running, 0);
});

test('whoever does not wait any more leaves no timer, after days either', () => {
  const clock = new ManualClock();
  const wait = waitUntil(clock, new Date(clock.now().getTime() + 3 * dayMs), () => assert.fail());
  clock.pass(dayMs);
  wait[Symbol.dispose]();
  assert.equal(clock.running, 0);
});
