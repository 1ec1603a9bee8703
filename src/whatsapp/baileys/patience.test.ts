/** How long things take when nobody says how long: the clock of the process is moved. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startSimulator } from '../../../simulator/simulator.ts';
import type { ConnectionEvent } from '../whatsapp.ts';
import { dial } from './test-connection.fixture.ts';

/** Gives the clock back, before what a test has opened is closed. */
const clockOf = (t: TestContext): Disposable => ({ [Symbol.dispose]: () => t.mock.timers.reset() });

/** Moves the clock, and lets happen what is due then. */
async function pass(t: TestContext, ms: number): Promise<void> {
  t.mock.timers.tick(ms);
  for (let count = 0; count < 100; count += 1) await turn();
}

const countOf = (type: ConnectionEvent['type'], events: readonly ConnectionEvent[]): number =>
  events.filter((event) => event.type === type).length;

test('a connection that gets nowhere ends after 30 s', async (t) => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  simulator.faults.add({ kind: 'handshake', silence: true });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await using connection = await dial(simulator);
  using _clock = clockOf(t);
  await simulator.requestArrived('upgrade');
  await pass(t, 29_999);
  assert.equal(countOf('closed', connection.events), 0);
  await pass(t, 1);
  t.mock.timers.reset();
  await connection.event('closed');
});

test('a QR code is shown for 20 s, the first one for a minute', async (t) => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await using connection = await dial(simulator);
  using _clock = clockOf(t);
  await connection.event('qr');
  for (const [ms, shown] of [
    [59_999, 1],
    [1, 2],
    [19_999, 2],
    [1, 3],
  ] as const) {
    await pass(t, ms);
    assert.equal(countOf('qr', connection.events), shown);
  }
});
