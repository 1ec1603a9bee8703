import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type BaileysClient, pairClient } from '../../../simulator/baileys-client.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import type { BinaryNode } from '../../../simulator/stanza.ts';
import { parseUserId } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { KeyChange } from '../whatsapp.ts';
import { dial, dialPaired, type TestConnection } from './test-connection.fixture.ts';

/** Keys whose reads and writes can be made to wait. */
class SlowKeyStore extends MemoryKeyStore {
  /** How long each read takes. */
  readMs = 0;
  /** Called with each write, which waits for what it gives. */
  beforeWrite: ((changes: readonly KeyChange[]) => Promise<void>) | undefined;

  override async read(type: string, ids: readonly string[]): Promise<Map<string, string>> {
    if (this.readMs > 0) await pause(this.readMs);
    return super.read(type, ids);
  }

  override async write(changes: readonly KeyChange[]): Promise<void> {
    await this.beforeWrite?.(changes);
    await super.write(changes);
  }
}

/** Alice's gateway, and Bob with a client of Baileys'. */
async function startPair() {
  await using parts = new AsyncDisposableStack();
  const simulator = parts.use(await startSimulator({ preKeyCount: 100 }));
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const keys = new SlowKeyStore();
  const gateway = await dialPaired(simulator, alice, { keys });
  parts.defer(() => gateway[Symbol.asyncDispose]());
  const bobClient = parts.use(await pairClient(simulator, bob));
  const owned = parts.move();
  return {
    simulator,
    alice,
    bob,
    keys,
    gateway,
    bobClient,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const read = (client: BaileysClient, text: string) =>
  client.event('messages.upsert', ({ messages }) =>
    messages.some(({ message }) => message?.conversation === text),
  );

async function sendFrom(gateway: TestConnection, address: string, text: string): Promise<void> {
  const to = parseUserId(address);
  assert.ok(to);
  await gateway.connection.whatsapp.sendText(to, text);
}

/** Ends the gateway as a crash does, with nothing stored any more, and starts it again. */
async function crash(
  simulator: Simulator,
  keys: MemoryKeyStore,
  gateway: TestConnection,
): Promise<TestConnection> {
  keys.failure = new Error('The process is no more.');
  await gateway[Symbol.asyncDispose]();
  keys.failure = undefined;
  const back = await dial(simulator, { keys });
  await back.event('open');
  return back;
}

test('messages that a crash kept us from acknowledging are told when they come again, and those after them', async () => {
  await using world = await startPair();
  const { simulator, alice, bob, keys, gateway, bobClient } = world;
  const group = `${simulator.createGroup({ subject: 'family', owner: bob, participants: [alice] }).id}@g.us`;
  // What comes of these is acknowledged, so that the sessions are no new ones.
  for (const to of [alice.account.pn, group]) {
    const id = await bobClient.say(to, 'first');
    await bob.receipt((receipt) => receipt.id === id && receipt.by === alice.account);
  }
  const device = alice.devices[0];
  assert.ok(device);
  const delivered: BinaryNode[] = [];
  const deliver = simulator.world.deliver.bind(simulator.world);
  simulator.world.deliver = (to, stanza) => {
    if (to === device && stanza.tag === 'message') delivered.push(stanza);
    deliver(to, stanza);
  };
  const ids = [await bobClient.say(alice.account.pn, 'second'), await bobClient.say(group, 'second')];
  await gateway.event('message', 3);

  for (const id of ids) await bob.receipt((receipt) => receipt.id === id && receipt.by === alice.account);
  device.queue.push(...delivered); // as if the server had not heard of it
  await using back = await crash(simulator, keys, gateway);
  await back.event('message', 1);
  const told = back.events.filter((event) => event.type === 'message').map(({ id }) => id);
  assert.deepEqual(told, ids);
  await bobClient.say(alice.account.pn, 'third');
  await bobClient.say(group, 'third');
  await back.event('message', 3);
  assert.equal(
    bob.receipts.some(({ type }) => type === 'retry'),
    false,
  );
});

test('only a few decrypted messages are kept, whatever restarts there are', async () => {
  await using world = await startPair();
  const { simulator, alice, bob, keys, gateway, bobClient } = world;
  for (let count = 0; count < 6; count++) {
    const id = await bobClient.say(alice.account.pn, `message ${count}`);
    await bob.receipt((receipt) => receipt.id === id && receipt.by === alice.account);
  }
  await using back = await crash(simulator, keys, gateway);
  for (let count = 6; count < 12; count++) await bobClient.say(alice.account.pn, `message ${count}`);
  await back.event('message', 5);
  assert.equal(keys.values.get('decrypted')?.size, 8 + 1); // and the list of them
});

test('no message leaves before it is stored that its key was used', async () => {
  await using world = await startPair();
  const { simulator, bob, keys, gateway, bobClient } = world;
  await sendFrom(gateway, bob.account.pn, 'first');
  await read(bobClient, 'first');
  const sent = simulator.requestCount('message');

  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  keys.beforeWrite = async (changes) => {
    if (!changes.some(({ type }) => type === 'session')) return;
    asked.resolve();
    await held.promise;
  };
  const sending = sendFrom(gateway, bob.account.pn, 'second');
  await asked.promise;
  const ping = { tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } };
  await bobClient.sock.query(ping, 3_000); // the server has had time to take what is on its way
  const sentMeanwhile = simulator.requestCount('message') - sent;
  held.resolve();
  await sending;
  assert.equal(sentMeanwhile, 0);
  await read(bobClient, 'second');
});

test('two instances that hear from the same person at once store each step with what it decrypted', async () => {
  await using parts = new AsyncDisposableStack();
  const simulator = parts.use(await startSimulator({ preKeyCount: 100 }));
  const bob = parts.use(await pairClient(simulator, simulator.phone('5511999990002', 'Bob')));
  const writes: (readonly KeyChange[])[] = [];
  const people = [];
  for (const number of ['5511999990001', '5511999990003']) {
    const phone = simulator.phone(number);
    const keys = new SlowKeyStore();
    keys.beforeWrite = async (changes) => void writes.push(changes);
    const gateway = await dialPaired(simulator, phone, { keys });
    parts.defer(() => gateway[Symbol.asyncDispose]());
    keys.readMs = 5; // so that they meet
    people.push(phone);
  }
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(people.map(({ lid }) => bob.say(lid, 'All at once')));
  }
  const isKept = (changes: readonly KeyChange[]) => changes.some(({ type }) => type === 'decrypted');
  const sent = 5 * people.length;
  for (const deadline = Date.now() + 20_000; writes.filter(isKept).length < sent; ) {
    assert.ok(Date.now() < deadline, `${writes.filter(isKept).length} of ${sent} were decrypted`);
    await pause(10);
  }
  for (const changes of writes.filter(isKept)) {
    assert.ok(
      changes.some(({ type }) => type === 'session'),
      'what was decrypted was stored without the step that decrypted it',
    );
  }
});
