import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '../manual-clock.fixture.ts';
import { NetworkWatch } from './network-watch.ts';

/** A watch over a network whose state a test sets. */
function watchOver(network: { isThere: boolean | 'unknown' }) {
  const clock = new ManualClock();
  let asked = 0;
  const watch = new NetworkWatch({
    clock,
    async isReachable() {
      asked += 1;
      if (network.isThere === 'unknown') throw new Error('no answer');
      return network.isThere;
    },
  });
  const seconds = async (count: number) => {
    clock.pass(count * 1_000);
    await turn(); // for the answer
  };
  return { watch, clock, seconds, asked: () => asked };
}

test('a network that was gone is told to be back within 5 s, to all who wait', async () => {
  const network: { isThere: boolean | 'unknown' } = { isThere: false };
  const { watch, seconds, asked } = watchOver(network);
  const told: string[] = [];
  using _first = watch.wait(() => told.push('first'));
  await seconds(5);
  network.isThere = 'unknown'; // as good as gone
  await seconds(5);
  using _second = watch.wait(() => told.push('second'));
  network.isThere = true;
  await seconds(4.999);
  assert.deepEqual([asked(), told], [2, []]);
  await seconds(0.001);
  assert.deepEqual([asked(), told], [3, ['first', 'second']]);
});

test('a network that was there all the time is never back', async () => {
  const { watch, seconds, asked } = watchOver({ isThere: true });
  using _wait = watch.wait(() => assert.fail('it was never gone'));
  for (let count = 0; count < 5; count += 1) await seconds(5);
  watch.reached();
  assert.equal(asked(), 5);
});

test('a connection that was opened tells that the network is back, before anyone is asked', async () => {
  const { watch, seconds } = watchOver({ isThere: false });
  let told = 0;
  using _wait = watch.wait(() => {
    told += 1;
  });
  await seconds(5);
  watch.reached();
  watch.reached();
  assert.equal(told, 1);
});

test('nobody is asked while nobody waits, and those who wait no more are told nothing', async () => {
  const network = { isThere: false };
  const { watch, clock, seconds, asked } = watchOver(network);
  await seconds(60);
  const first = watch.wait(() => assert.fail('it does not wait any more'));
  const second = watch.wait(() => assert.fail('it does not wait any more'));
  first[Symbol.dispose]();
  await seconds(5);
  second[Symbol.dispose]();
  assert.equal(clock.running, 0);
  network.isThere = true;
  await seconds(60);
  assert.equal(asked(), 1);
});

test('whoever stops waiting and waits again is not asked for twice', async () => {
  const { watch, clock, seconds, asked } = watchOver({ isThere: false });
  watch.wait(() => {})[Symbol.dispose]();
  using _wait = watch.wait(() => {});
  clock.pass(5_000);
  using _other = watch.wait(() => {}); // while the answer is under way
  await turn();
  assert.equal(clock.running, 1);
  await seconds(5);
  assert.equal(asked(), 2);
});
