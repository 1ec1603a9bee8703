import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { jpegOf } from '../../simulator/groups/jpeg-of.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { systemClock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { type InstanceId, instanceIdFrom } from '../ids.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { connectBaileys } from '../whatsapp/baileys/connect.ts';
import { isPaired } from '../whatsapp/baileys/is-paired.ts';
import { MemoryKeyStore } from '../whatsapp/memory-key-store.fixture.ts';
import type { ChatEvent, Connect, KeyStore } from '../whatsapp/whatsapp.ts';
import { startSessions } from './sessions.ts';
import { reaches } from './test-session.fixture.ts';

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
  options: Partial<Parameters<typeof startSessions>[0]> = {},
) =>
  startSessions({
    instances: ids.map((id) => ({ id, isMoved: false })),
    keysOf,
    isPaired,
    connect: connectBaileys({ ...simulator, logger }),
    clock: systemClock,
    random: Math.random,
    logger,
    ...options,
  });

/** Links a phone to each of the instances, in sessions that are closed again. */
async function pairAll(simulator: Simulator, instances: ReturnType<typeof newInstances>): Promise<void> {
  await using sessions = await start(simulator, instances);
  for (const [index, id] of instances.ids.entries()) {
    const session = sessions.of(id);
    await simulator.phone(`551199999000${index}`).scan(await session.qr());
    await session.connected();
  }
}

test('after a restart the paired instances come back by themselves, a few at a time, and the others wait to be paired', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(4);
  const [first, second, third, unpaired] = instances.ids;
  assert.ok(first && second && third && unpaired);
  await pairAll(simulator, { ...instances, ids: [first, second, third] });
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
  const clock = new ManualClock();
  const { ids } = newInstances(1);
  const [id] = ids;
  assert.ok(id);
  const sessions = await start(simulator, { ids, keysOf: () => keys }, { clock });
  const qr = await sessions.of(id).qr();
  keys.write = () => {
    writing.resolve();
    return held;
  };
  const scan = assert.rejects(simulator.phone('5511999990001').scan(qr));
  await writing.promise;
  const closing = sessions[Symbol.asyncDispose]();
  await scan;
  clock.pass(3_000);
  await closing;
  letGo();
});

test('sessions that stand in line when the gateway stops never dial', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(3);
  await pairAll(simulator, instances);
  const dialled: number[] = [];
  const connectInner = connectBaileys({ ...simulator, logger });
  const connect: Connect = (options) => {
    dialled.push(1);
    return connectInner(options);
  };
  simulator.faults.add({ kind: 'login', silence: true });
  const loginsBefore = simulator.requestCount('login');
  const sessions = await start(simulator, instances, { connect, connectAtOnce: 1 });
  assert.deepEqual(
    instances.ids.map((id) => sessions.of(id).status().state),
    ['connecting', 'connecting', 'connecting'],
  );
  await simulator.requestArrived('login', loginsBefore + 1);
  await sessions[Symbol.asyncDispose]();
  assert.equal(dialled.length, 1);
});

test('sessions that lost the network come back together when it is back, a few at a time', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(3);
  await pairAll(simulator, instances);
  const clock = new ManualClock();
  let asked = 0;
  let isThere = false;
  const isReachable = async () => {
    asked += 1;
    return isThere;
  };
  simulator.faults.add({ kind: 'upgrade', close: true });
  const random = () => 1;
  await using sessions = await start(simulator, instances, { clock, isReachable, random, connectAtOnce: 1 });
  const all = instances.ids.map((id) => sessions.of(id));
  const lose = async (seconds: number) => {
    for (const session of all) await reaches(session, 'waiting');
    clock.pass(seconds * 1_000);
    await turn(); // for the answer of whoever looks at the network
  };
  for (const seconds of [2, 4, 8]) await lose(seconds);
  await lose(5); // of 16
  assert.ok(asked > 0);
  simulator.faults.clear();
  isThere = true;
  await lose(5);
  for (const session of all) await reaches(session, 'online');
});

test('a moved instance stays away until it is restarted, and which one was taken back is told', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(2);
  await pairAll(simulator, instances);
  const [here, moved] = instances.ids;
  assert.ok(here && moved);
  const takenBack: InstanceId[] = [];
  await using sessions = await start(simulator, instances, {
    instances: [
      { id: here, isMoved: false },
      { id: moved, isMoved: true },
    ],
    onTakenBack: (instance) => takenBack.push(instance),
  });
  await sessions.of(here).connected();
  assert.equal(sessions.of(moved).status().stopReason, 'moved');
  await sessions.of(moved).restart();
  await sessions.of(moved).connected();
  assert.deepEqual(takenBack, [moved]);
});

test('the proxy and the name of the device are those of the instance, and so is who hears that a proxy failed', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(2);
  await pairAll(simulator, instances);
  const [direct, proxied] = instances.ids;
  assert.ok(direct && proxied);
  const { promise: failed, resolve } = Promise.withResolvers<InstanceId>();
  const dialled = new Set<string>();
  const connectInner = connectBaileys({ ...simulator, logger });
  await using sessions = await start(simulator, instances, {
    clock: { now: () => new Date(), after: (_, action) => systemClock.after(5, action) },
    connect: (options) => {
      dialled.add(`${options.deviceName} ${options.proxyUrl}`);
      return connectInner(options);
    },
    dialOptions: async (id) =>
      id === proxied ? { deviceName: 'Shop', proxyUrl: 'http://127.0.0.1:9' } : { deviceName: 'Office' },
    onProxyFailed: resolve,
  });
  assert.equal(await failed, proxied);
  for (const id of [direct, proxied]) await reaches(sessions.of(id), 'online');
  assert.deepEqual([...dialled].sort(), ['Office undefined', 'Shop http://127.0.0.1:9', 'Shop undefined']);
});

test('a deleted instance is unlinked, also in the middle of a login, and its id is of no use any more', async () => {
  await using simulator = await startSimulator({ preKeyCount: 100 });
  const instances = newInstances(2);
  await pairAll(simulator, instances);
  const [online, dialling] = instances.ids;
  assert.ok(online && dialling);
  await using sessions = await start(simulator, instances);
  for (const id of instances.ids) await sessions.of(id).connected();
  simulator.faults.add({ kind: 'login', silence: true });
  await sessions.of(dialling).restart();
  const asking = assert.rejects(sessions.of(dialling).connected(), isDeleted);
  await Promise.all([online, dialling, dialling].map((id) => sessions.remove(id)));
  await asking;
  assert.equal(simulator.phone('5511999990000').devices.length, 0);
  const upgrades = simulator.requestCount('upgrade');
  for (const id of instances.ids) {
    await sessions.remove(id);
    const session = sessions.of(id);
    assert.equal(session.status().state, 'unpaired');
    await assert.rejects(session.qr(), isDeleted);
    await session.restart();
    await assert.rejects(session.connected(), isDeleted);
    assert.equal(await isPaired(instances.keysOf(id)), false);
  }
  assert.equal(simulator.requestCount('upgrade'), upgrades);
});

const isDeleted = (error: unknown) =>
  error instanceof GatewayError && error.code === 'not_connected' && /deleted/.test(error.message);
