import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import { startSimulator } from '../../simulator/simulator.ts';
import { systemClock } from '../clock.ts';
import { instanceIdFrom } from '../ids.ts';
import type { InstanceSettings } from '../instance.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { startSessions } from '../sessions/sessions.ts';
import { connectBaileys } from '../whatsapp/baileys/connect.ts';
import { isPaired } from '../whatsapp/baileys/is-paired.ts';
import { MemoryKeyStore } from '../whatsapp/memory-key-store.fixture.ts';
import { Habits } from './habits.ts';

const instance = instanceIdFrom('3C8B0C1D2E3F4A5B6C7D8E9F0A1B2C3D');

/** Alice's phone is linked to an instance with these settings, which may be changed; Bob has a phone. */
async function startInstance(settings: InstanceSettings) {
  await using parts = new AsyncDisposableStack();
  const simulator = parts.use(await startSimulator({ preKeyCount: 100 }));
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const logger = pino({ level: 'silent' });
  const clock = new ManualClock();
  const told = { settings: settings as InstanceSettings | undefined };
  const asked = new EventEmitter();
  let askedCount = 0;
  const keys = new MemoryKeyStore();
  const habits: Habits = new Habits({
    settingsOf: async () => {
      askedCount += 1;
      asked.emit('asked');
      return told.settings;
    },
    connected: () => sessions.of(instance).connected(),
    logger,
    clock,
  });
  parts.use(habits);
  const sessions = parts.use(
    await startSessions({
      instances: [{ id: instance, isMoved: false }],
      keysOf: () => keys,
      isPaired,
      connect: connectBaileys({ ...simulator, logger, queryTimeoutMs: 2_000 }),
      clock: systemClock,
      random: Math.random,
      logger,
      onEvent: (_instance, event) => {
        if (event.type !== 'group-photo') habits.heard(instance, event);
      },
    }),
  );
  const session = sessions.of(instance);
  await alice.scan(await session.qr());
  await session.connected();
  const owned = parts.move();
  return {
    simulator,
    alice,
    bob,
    clock,
    told,
    session,
    habits,
    /** Resolves when the settings have been asked for so often. */
    async asked(count: number) {
      while (askedCount < count) await once(asked, 'asked');
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const isRead =
  (id: string) =>
  (receipt: { id: string; type: string }): boolean =>
    receipt.id === id && receipt.type === 'read';

test('an instance reads what people and groups write, and status posts where it is told to', async () => {
  await using world = await startInstance({ autoReadMessage: true });
  const { simulator, alice, bob, told } = world;
  const group = simulator.createGroup({ subject: 'family', owner: alice, participants: [bob] });
  const status = bob.postStatus('busy', [alice]);
  const message = bob.writeTo(alice, 'Hello');
  const toAll = bob.writeTo(group, 'Hello all');
  await bob.receipt(isRead(message));
  await bob.receipt(isRead(toAll));
  assert.equal(bob.receipts.some(isRead(status)), false);

  told.settings = { autoReadMessage: true, autoReadStatus: true };
  await bob.receipt(isRead(bob.postStatus('free', [alice])));
});

test('an instance that was not told to read does not, status posts included', async () => {
  await using world = await startInstance({ autoReadStatus: true });
  const { alice, bob, told } = world;
  const unread = [bob.postStatus('busy', [alice])];
  await world.asked(1);
  unread.push(bob.writeTo(alice, 'Hello'));
  await world.asked(2);
  told.settings = undefined; // as for an instance that is gone
  unread.push(bob.writeTo(alice, 'Are you there?'));
  await world.asked(3);
  told.settings = { autoReadMessage: true };
  await bob.receipt(isRead(bob.writeTo(alice, 'Now?')));
  assert.equal(
    unread.some((id) => bob.receipts.some(isRead(id))),
    false,
  );
});

test('what fails once is done the next time', async () => {
  await using world = await startInstance({ autoReadMessage: true });
  const { alice, bob, simulator } = world;
  await simulator.requestArrived('privacy'); // Baileys' own, at the login
  simulator.faults.add({ kind: 'privacy', times: 1, error: 500 });
  const unread = bob.writeTo(alice, 'Hello');
  await simulator.requestArrived('privacy', simulator.requestCount('privacy') + 1);
  await bob.receipt(isRead(bob.writeTo(alice, 'Hello?')));
  assert.equal(bob.receipts.some(isRead(unread)), false);
});

test('habits that are over do nothing any more', async () => {
  await using world = await startInstance({ autoReadMessage: true, callRejectAuto: true });
  const { alice, bob, simulator, habits } = world;
  habits[Symbol.dispose]();
  const id = bob.writeTo(alice, 'Hello');
  await bob.receipt((receipt) => receipt.id === id);
  const call = bob.call(alice);
  await simulator.requestArrived('ack', simulator.requestCount('ack') + 1);
  assert.equal(simulator.requestCount('call'), 0);
  assert.equal(bob.receipts.some(isRead(id)), false);
  call.hangUp();
});

test('what came while the instance was away is read when it is back', async () => {
  await using world = await startInstance({ autoReadMessage: true });
  const { alice, bob, session, simulator } = world;
  simulator.faults.add({ kind: 'upgrade', times: 1, close: true });
  simulator.dropConnections();
  const id = bob.writeTo(alice, 'Where are you?');
  await session.restart();
  await bob.receipt(isRead(id));
});

test('calls are rejected, and the caller is told why, once in a minute', async () => {
  await using world = await startInstance({ callRejectAuto: true, callRejectMessage: 'Write instead.' });
  const { alice, bob, clock } = world;
  const carol = world.simulator.phone('5511999990003', 'Carol');
  assert.equal(await bob.call(alice).ended, 'declined');
  await bob.message(({ from }) => from === alice.account);
  assert.equal(await bob.call(alice).ended, 'declined');
  assert.equal(await carol.call(alice).ended, 'declined');
  await carol.message(() => true); // in line behind what Bob would have got
  assert.equal(bob.inbox.length, 1);
  clock.pass(60_000);
  assert.equal(await bob.call(alice).ended, 'declined');
  await bob.message(() => bob.inbox.length === 2);
});

test('group calls are rejected without a word', async () => {
  await using world = await startInstance({ callRejectAuto: true, callRejectMessage: 'Write instead.' });
  const { simulator, alice, bob } = world;
  const group = simulator.createGroup({ subject: 'family', owner: alice, participants: [bob] });
  assert.equal(await bob.call(group).ended, 'declined');
  const carol = simulator.phone('5511999990003', 'Carol');
  await carol.call(alice).ended;
  await carol.message(() => true);
  assert.deepEqual(bob.inbox, []);
});

test('calls ring on when the instance was not told to reject them, and over ones are left alone', async () => {
  await using world = await startInstance({ callRejectAuto: true, callRejectMessage: '  ' });
  const { simulator, alice, bob, session, told } = world;
  simulator.faults.add({ kind: 'upgrade', times: 1, close: true });
  simulator.dropConnections();
  const missed = bob.call(alice);
  missed.hangUp();
  await session.restart();
  await session.connected();
  assert.equal(await bob.call(alice).ended, 'declined');
  assert.equal(simulator.requestCount('call'), 1);
  assert.equal(bob.inbox.length, 0); // a blank message is none
  told.settings = {};
  const rings = bob.call(alice);
  await world.asked(2);
  assert.equal(simulator.requestCount('call'), 1);
  rings.hangUp();
});
