import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import type { Turn } from '../group-photos.ts';
import { TurnLines } from './turn-lines.ts';

const clock = { now: () => new Date() };

/** Whether a turn has come by now, when all that was ready to happen has happened. */
async function hasArrived(turn: Turn): Promise<boolean> {
  let arrived = false;
  void turn.arrived.then(() => {
    arrived = true;
  });
  await nextRound();
  return arrived;
}

test('turns of one key come in the order in which they were taken', async () => {
  const lines = new TurnLines({ clock });
  const done: number[] = [];
  const work = async (number: number) => {
    using turn = lines.take('family');
    await turn.arrived;
    for (let rounds = 4 - number; rounds > 0; rounds--) await nextRound(); // the later could overtake, if they might
    done.push(number);
  };
  await Promise.all([work(1), work(2), work(3)]);
  assert.deepEqual(done, [1, 2, 3]);
});

test('work that fails lets the next turn come', async () => {
  const lines = new TurnLines({ clock });
  const failing = async () => {
    using turn = lines.take('family');
    await turn.arrived;
    throw new Error('no photo today');
  };
  const failed = failing();
  using next = lines.take('family');
  await assert.rejects(failed, /no photo today/);
  await next.arrived;
});

test('a turn given up before it came does not let the next one overtake those before it', async () => {
  const lines = new TurnLines({ clock });
  const first = lines.take('family');
  lines.take('family')[Symbol.dispose]();
  using third = lines.take('family');
  assert.equal(await hasArrived(third), false);
  first[Symbol.dispose]();
  await third.arrived;
});

test('keys do not wait for each other', async () => {
  const lines = new TurnLines({ clock });
  using _held = lines.take('family');
  using other = lines.take('work');
  await other.arrived;
});

test('a turn waits for the one before it, though that one came only after others were over', async () => {
  const lines = new TurnLines({ clock });
  const first = lines.take('family');
  const second = lines.take('family');
  first[Symbol.dispose]();
  await second.arrived;
  await nextRound();
  using third = lines.take('family');
  assert.equal(await hasArrived(third), false);
  second[Symbol.dispose]();
  await third.arrived;
});

test('nothing is left of a key when its last turn is over', async () => {
  const lines = new TurnLines({ clock });
  // Whatever is kept of a line is the promise that the next turn would wait for.
  const promisesBefore = queryObjects(Promise, { format: 'count' });
  for (let key = 0; key < 1_000; key++) {
    using _first = lines.take(`${key}`);
    using _second = lines.take(`${key}`);
  }
  await nextRound();
  const left = queryObjects(Promise, { format: 'count' }) - promisesBefore;
  assert.ok(left < 100, `${left} promises of 1,000 lines are left`);
  using _next = lines.take('0'); // until here the lines themselves are in use, and cannot be what was cleared away
});

test('one turn is under way and 16 wait; one more is told when to try again, by how long the turns have taken', () => {
  let nowMs = 0;
  const lines = new TurnLines({ clock: { now: () => new Date(nowMs) } });
  const taken = Array.from({ length: 17 }, () => lines.take('family'));
  const refusal = (retryAfterSeconds: number) => ({ code: 'rate_limited', status: 429, retryAfterSeconds });
  assert.throws(() => lines.take('family'), refusal(1));
  lines.take('work')[Symbol.dispose]();

  for (const turn of taken.splice(0, 2)) {
    nowMs += 4_000;
    turn[Symbol.dispose]();
  }
  taken.push(lines.take('family'), lines.take('family'));
  nowMs += 3_000;
  assert.throws(() => lines.take('family'), refusal(6));
  for (const turn of taken) turn[Symbol.dispose]();
});

test('turns given up before they came make room for others', () => {
  const lines = new TurnLines({ clock });
  using _first = lines.take('family');
  for (let count = 0; count < 100; count += 1) lines.take('family')[Symbol.dispose]();
  using _next = lines.take('family');
});
