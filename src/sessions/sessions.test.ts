import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { jpegOf } from '../../simulator/groups/jpeg-of.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type InstanceId, instanceIdFrom } from '../ids.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { isPaired } from '../whatsapp/baileys/auth-state.ts';
import { connectBaileys } from '../whatsapp/baileys/connect.ts';
import { MemoryKeyStore } from '../whatsapp/memory-key-store.fixture.ts';
import type { ChatEvent, Connect, KeyStore } from '../whatsapp/whatsapp.ts';
import { startSessions } from './sessions.ts';

const logger = pino({ level: 'silent' });

/** Instances with key stores that outlive the sessions. */
function newInstances(count: number) {
  const stores = new Map<InstanceId, KeyStore>();
  for (let number = 0; number < count; number += 1) {
    stores.set(instanceIdFrom(String(number).padStart(32, 'A')), new MemoryKeyStore());
  }
  return {
    ids: [...stores.keys()],
    keysOf: (instance: InstanceId) => stores.get(instance) ?? new MemoryKeyStore(),
  };
}

const start = (
  simulator: Simulator,
  { ids, keysOf }: ReturnType<typeof newInstances>,
  {
    connect = connectBaileys({ ...simulator, logger }),
    connectAtOnce = 20,
    clock = systemClock,
    onEvent = () => {},
  }: {
    connect?: Connect;
    connectAtOnce?: number;
    clock?: Clock;
    onEvent?: (instance: InstanceId, event: ChatEvent) => void;
  } = {},
) =>
  startSessions({
    instances: ids.map((id) => ({ id, isMoved: false })),
    keysOf,
    isPaired,
    connect,
    connectAtOnce,
    clock,
    random: Math.random,
    logger,
    onEvent,
  });

test('after a restart the paired instances come back by themselves, a few at a time, and the others wait to be paired', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(4);
  const [first, second, third, unpaired] = instances.ids;
  assert.ok(first && second && third && unpaired);
  {
    await using sessions = await start(simulator, instances);
    for (const [index, id] of [first, second, third].entries()) {
      const session = sessions.of(id);
      await simulator.phone(`551199999000${index}`).scan(await session.qr());
      await session.connected();
    }
  }
  const connectInner = connectBaileys({ ...simulator, logger });
  let connecting = 0;
  let mostAtOnce = 0;
  const connect: Connect = async ({ keys, onEvent }) => {
    connecting += 1;
    mostAtOnce = Math.max(mostAtOnce, connecting);
    return connectInner({
      keys,
      onEvent(event) {
        if (event.type === 'open') connecting -= 1;
        onEvent(event);
      },
    });
  };
  await using sessions = await start(simulator, instances, { connect, connectAtOnce: 2 });
  assert.deepEqual(
    [first, second, third, unpaired].map((id) => sessions.of(id).status().paired),
    [true, true, true, false],
  );
  for (const id of [first, second, third]) await sessions.of(id).connected();
  assert.equal(mostAtOnce, 2);
  assert.equal(sessions.of(unpaired).status().state, 'unpaired');
});

test('an instance has one session, made when it is first asked for', async () => {
  await using simulator = await startSimulator();
  await using sessions = await start(simulator, newInstances(0));
  const [id] = newInstances(1).ids;
  assert.ok(id);
  assert.equal(sessions.of(id), sessions.of(id));
  assert.equal(sessions.of(id).status().state, 'unpaired');
});

test('a change of a photo is handed on with the instance that heard of it', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(2);
  const { promise: told, resolve } = Promise.withResolvers<[InstanceId, ChatEvent]>();
  const onEvent = (...change: [InstanceId, ChatEvent]) => resolve(change);
  await using sessions = await start(simulator, instances, { onEvent });
  const [, second] = instances.ids;
  assert.ok(second);
  const alice = simulator.phone('5511999990001');
  await alice.scan(await sessions.of(second).qr());
  const whatsapp = await sessions.of(second).connected();
  simulator.createGroup({ subject: 'family', owner: alice, participants: [] });
  const [family] = await whatsapp.groups();
  assert.ok(family);
  const pictureId = await whatsapp.setGroupPhoto(family.id, await jpegOf(64));
  const [instance, event] = await told;
  assert.equal(instance, second);
  assert.ok(event.type === 'group-photo');
  assert.equal(event.group, family.id);
  assert.equal(event.pictureId, pictureId);
});

test('closing hangs up on WhatsApp and leaves the devices paired', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(1);
  const [id] = instances.ids;
  assert.ok(id);
  const alice = simulator.phone('5511999990001');
  const sessions = await start(simulator, instances);
  await alice.scan(await sessions.of(id).qr());
  await sessions.of(id).connected();
  await sessions[Symbol.asyncDispose]();
  const [device] = alice.devices;
  assert.ok(device, 'the phone still lists the device');
  const giveUp = Date.now() + 20_000;
  while (device.link) {
    assert.ok(Date.now() < giveUp, 'the device is still online');
    await pause(2); // the other end hears of it a moment later
  }
});

test('closing gives up after 3 s on what does not end', async () => {
  await using simulator = await startSimulator();
  const keys = new MemoryKeyStore();
  const writing = Promise.withResolvers<void>();
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  keys.write = () => {
    writing.resolve();
    return held;
  };
  const clock = new ManualClock();
  const { ids } = newInstances(1);
  const [id] = ids;
  assert.ok(id);
  const sessions = await start(simulator, { ids, keysOf: () => keys }, { clock });
  const scan = assert.rejects(simulator.phone('5511999990001').scan(await sessions.of(id).qr()));
  await writing.promise;
  const closing = sessions[Symbol.asyncDispose]();
  await scan;
  clock.pass(3_000);
  await closing;
  letGo();
});
