import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proto, type WAMessage } from 'baileys';
import { type BaileysClient, pairClient } from '../../../simulator/baileys-client.ts';
import { groupAddress } from '../../../simulator/groups/group-node.ts';
import type { Phone } from '../../../simulator/phone.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { parseGroupId, parseUserId, type UserId } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { ConnectionEvent, MessageEvent } from '../whatsapp.ts';
import { dial, dialPaired, type TestConnection } from './test-connection.fixture.ts';
import { fails } from './test-family.fixture.ts';

/** Alice is connected; Bob has a phone. */
async function startChat({ queryTimeoutMs = 5_000 }: { queryTimeoutMs?: number } = {}) {
  await using parts = new AsyncDisposableStack();
  const simulator = parts.use(await startSimulator({ preKeyCount: 100 }));
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const keys = new MemoryKeyStore();
  const connection = parts.use(await dialPaired(simulator, alice, { keys, queryTimeoutMs }));
  const owned = parts.move();
  return {
    simulator,
    alice,
    bob,
    keys,
    connection,
    whatsapp: connection.connection.whatsapp,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const user = (address: string): UserId => {
  const id = parseUserId(address);
  assert.ok(id);
  return id;
};

const messagesIn = (events: readonly ConnectionEvent[]): MessageEvent[] =>
  events.filter((event) => event.type === 'message');

/** The message with this text, once the client has decrypted it. */
async function read(client: BaileysClient, text: string): Promise<WAMessage> {
  const fits = ({ message }: WAMessage) => message?.conversation === text;
  const { messages } = await client.event('messages.upsert', ({ messages }) => messages.some(fits));
  const message = messages.find(fits);
  assert.ok(message);
  return message;
}

/** Everything that was written to this connection before is told when this resolves. */
async function settled(simulator: Simulator, to: Phone, connection: TestConnection): Promise<void> {
  const id = simulator.phone('5511999990008').writeTo(to, 'the last word');
  for (let count = messagesIn(connection.events).length; ; count++) {
    if ((await connection.event('message', count)).id === id) return;
  }
}

test('a text is sent when WhatsApp has taken it, and whoever it is for can read it', async () => {
  await using chat = await startChat();
  await using bobClient = await pairClient(chat.simulator, chat.bob);
  for (const address of [chat.bob.account.pn, chat.bob.lid]) {
    const id = await chat.whatsapp.sendText(user(address), `to ${address}`);
    assert.equal((await chat.bob.message((message) => message.id === id)).from, chat.alice.account);
    assert.equal((await read(bobClient, `to ${address}`)).key.id, id);
  }
});

test('a text that WhatsApp refuses is a failure with its code, and one that it leaves unanswered has no outcome', async () => {
  await using chat = await startChat({ queryTimeoutMs: 500 });
  const { simulator, whatsapp, bob } = chat;
  const send = () => whatsapp.sendText(user(bob.account.pn), 'Hello');
  await send(); // with the keys at hand, only the message itself is left to go wrong
  simulator.faults.add({ kind: 'message', times: 1, error: 463 });
  await assert.rejects(
    send(),
    fails('whatsapp_refused', ({ details }) => details.whatsappCode === 463),
  );
  simulator.faults.add({ kind: 'message', times: 1, error: 429 });
  await assert.rejects(send(), fails('whatsapp_rate_limited'));
  simulator.faults.add({ kind: 'message', times: 1, silence: true });
  await assert.rejects(
    send(),
    fails('whatsapp_timeout', ({ message }) => message.includes('Look whether it has arrived')),
  );
  await assert.rejects(
    whatsapp.sendText(user('5511999990077@s.whatsapp.net'), 'Hello'),
    fails('whatsapp_refused'),
  );
  simulator.faults.add({ kind: 'message', times: 1, close: 'after-change' });
  await assert.rejects(send(), fails('whatsapp_timeout'));
  await assert.rejects(send(), fails('not_connected'));
});

test('messages of people, groups and status are told with their sender, and nothing else is', async () => {
  await using chat = await startChat();
  const { simulator, alice, bob, connection } = chat;
  const group = simulator.createGroup({ subject: 'family', owner: alice, participants: [bob] });
  const ids = [bob.writeTo(alice, 'Hello'), bob.writeTo(group, 'all'), bob.postStatus('busy', [alice])];
  const { Type } = proto.Message.ProtocolMessage;
  const key = { id: ids[0], remoteJid: alice.lid, fromMe: true };
  bob.writeTo(alice, { protocolMessage: { key, type: Type.REVOKE } });
  bob.writeTo(alice, { reactionMessage: { key, text: '👍' } });
  alice.writeTo(bob, 'from my phone');
  alice.postStatus('mine', [bob]);
  bob.call(group);
  await settled(simulator, alice, connection);

  const told = messagesIn(connection.events).slice(0, -1);
  assert.deepEqual(
    told.map(({ id, chat, sender }) => [id, chat, sender]),
    [
      [ids[0], bob.lid, bob.lid],
      [ids[1], groupAddress(group), bob.lid],
      [ids[2], 'status', bob.lid],
    ],
  );
  assert.ok(told.every(({ at }) => Math.abs(Date.now() - at.getTime()) < 60_000));
});

test('messages that came while we were away are told at the next login', async () => {
  await using chat = await startChat();
  const { simulator, alice, bob, keys, connection } = chat;
  await connection.connection[Symbol.asyncDispose]();
  const id = bob.writeTo(alice, 'Where are you?');
  await using back = await dial(simulator, { keys, queryTimeoutMs: 2_000 });
  await back.event('open'); // a login that is cut short leaves timers of Baileys' behind
  const event = await back.event('message');
  assert.deepEqual([event.id, event.sender], [id, bob.lid]);
});

test('messages are read: in a chat, in a group, in a status, and one receipt does for a chat', async () => {
  await using chat = await startChat();
  const { simulator, alice, bob, connection, whatsapp } = chat;
  const group = simulator.createGroup({ subject: 'family', owner: alice, participants: [bob] });
  const ids = [
    bob.writeTo(alice, 'one'),
    bob.writeTo(alice, 'two'),
    bob.writeTo(group, 'three'),
    bob.postStatus('four', [alice]),
  ];
  await connection.event('message', 3);
  for (const id of ids) await bob.receipt((receipt) => receipt.id === id); // that they were delivered
  const before = simulator.requestCount('receipt');
  await whatsapp.markRead(messagesIn(connection.events));
  for (const id of ids) await bob.receipt((receipt) => receipt.id === id && receipt.type === 'read');
  assert.equal(simulator.requestCount('receipt') - before, 3);
});

test('with read receipts switched off, only our own devices hear what was read', async () => {
  await using chat = await startChat();
  const { alice, bob, connection, whatsapp, simulator } = chat;
  alice.account.readReceipts = 'none';
  const id = bob.writeTo(alice, 'Hello');
  await whatsapp.markRead([await connection.event('message')]);
  const receipt = await bob.receipt(({ type }) => type.startsWith('read'));
  assert.deepEqual([receipt.id, receipt.type], [id, 'read-self']);
  simulator.faults.add({ kind: 'privacy', times: 1, error: 500 });
  await whatsapp.markRead([await connection.event('message')]); // what is known is not asked for again
});

test('a call is told, and the caller sees that it was rejected', async () => {
  await using chat = await startChat();
  const { simulator, alice, bob, connection, whatsapp } = chat;
  const call = bob.call(alice, { isVideo: true });
  const event = await connection.event('call');
  assert.deepEqual([event.id, event.from, event.isVideo, event.isOver], [call.id, bob.lid, true, false]);
  assert.equal(event.group, undefined);
  await whatsapp.rejectCall(event);
  assert.equal(await call.ended, 'declined');

  const group = simulator.createGroup({ subject: 'family', owner: alice, participants: [bob] });
  const groupCall = bob.call(group);
  const second = await connection.event('call', 1);
  assert.equal(second.group, parseGroupId(groupAddress(group)));
  await whatsapp.rejectCall(second);
  assert.equal(await groupCall.ended, 'declined');
});

test('a rejection that WhatsApp refuses or leaves unanswered is a failure', async () => {
  await using chat = await startChat({ queryTimeoutMs: 500 });
  const { simulator, alice, bob, connection, whatsapp } = chat;
  bob.call(alice);
  const event = await connection.event('call');
  simulator.faults.add({ kind: 'call', times: 1, error: 404 });
  await assert.rejects(whatsapp.rejectCall(event), fails('whatsapp_refused'));
  simulator.faults.add({ kind: 'call', times: 1, silence: true });
  await assert.rejects(whatsapp.rejectCall(event), fails('whatsapp_timeout'));
});

test('a call that rang while we were away is told as one that is over', async () => {
  await using chat = await startChat();
  const { simulator, alice, bob, keys, connection } = chat;
  await connection.connection[Symbol.asyncDispose]();
  const call = bob.call(alice);
  call.hangUp();
  await using back = await dial(simulator, { keys, queryTimeoutMs: 2_000 });
  await back.event('open'); // a login that is cut short leaves timers of Baileys' behind
  const event = await back.event('call');
  assert.deepEqual([event.id, event.isOver], [call.id, true]);
});
