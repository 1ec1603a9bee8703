import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { BinaryNode } from 'baileys';
import { type BaileysClient, connectClient, onlineClient, pairClient, pairedAuth } from './baileys-client.ts';
import { FaultBook, FaultError } from './faults.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { childOf, element } from './stanza.ts';

/** A device of Alice, who may rename her group. */
async function aliceWithGroup(whatsapp: Simulator) {
  const owner = whatsapp.phone('5511999990001', 'Alice');
  const client = await pairClient(whatsapp, owner);
  const group = whatsapp.createGroup({ subject: 'before', owner, participants: [] });
  const rename = (deadlineMs = 3_000) => renameGroup(client, group.id, deadlineMs);
  return { client, group, rename, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

/** Our own request with an explicit deadline: Baileys' `groupUpdateSubject` would take silence for success. */
function renameGroup({ sock }: BaileysClient, groupId: string, deadlineMs: number): Promise<BinaryNode> {
  const attributes = { to: `${groupId}@g.us`, type: 'set', xmlns: 'w:g2' };
  return sock.query(element('iq', attributes, [element('subject', {}, 'after')]), deadlineMs);
}

test('a request meets the error that a fault names, and the next one does not', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await aliceWithGroup(whatsapp);
  whatsapp.faults.add({ kind: 'group-subject', times: 1, error: 429, attributes: { backoff: '30' } });
  const answer = once(alice.client.sock.ws, 'CB:iq,type:error');
  await assert.rejects(alice.rename(), { data: 429, message: 'rate-overlimit' });
  assert.equal(childOf((await answer)[0], 'error')?.attrs.backoff, '30');
  assert.equal(alice.group.subject, 'before');
  await alice.rename();
  assert.equal(alice.group.subject, 'after');
});

test('silence is no answer and no change, until faults are cleared', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await aliceWithGroup(whatsapp);
  whatsapp.faults.add({ kind: 'group-subject', silence: true });
  await assert.rejects(alice.rename(150), { message: 'Timed Out' });
  await assert.rejects(alice.rename(150), { message: 'Timed Out' });
  assert.equal(alice.group.subject, 'before');
  whatsapp.faults.clear();
  await alice.rename();
  assert.equal(whatsapp.requestCount('group-subject'), 3);
});

test('a late answer comes, and is late', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await aliceWithGroup(whatsapp);
  whatsapp.faults.add({ kind: 'group-subject', times: 1, delayMs: 150 });
  const started = performance.now();
  await alice.rename();
  assert.ok(performance.now() - started >= 149);
});

for (const [close, subject] of [
  ['before-change', 'before'],
  ['after-change', 'after'],
] as const) {
  test(`a connection that breaks off ${close} leaves the subject as it was ${subject} it`, async () => {
    await using whatsapp = await startSimulator({ preKeyCount: 100 });
    await using alice = await aliceWithGroup(whatsapp);
    whatsapp.faults.add({ kind: 'group-subject', times: 1, close });
    // Baileys rejects with the bare code of the WebSocket: 1006, closed without a word.
    await assert.rejects(alice.rename(), (error) => error === 1006);
    assert.equal(await alice.client.closed(), 428);
    assert.equal(alice.group.subject, subject);
  });
}

test('a stream error in mid-request ends the connection with its code', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await aliceWithGroup(whatsapp);
  whatsapp.faults.add({ kind: 'group-subject', times: 1, streamError: '503' });
  // Baileys forgets its queries when a stream error ends it: this one rejects only at its deadline.
  const answered = assert.rejects(alice.rename(300));
  const tooLate = assert.rejects(alice.rename(300));
  assert.equal(await alice.client.closed(), 503);
  await Promise.all([answered, tooLate]);
  assert.equal(alice.group.subject, 'before');
});

test('malformed answers are what they say, and nothing is changed', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await aliceWithGroup(whatsapp);
  whatsapp.faults.add({ kind: 'group-subject', times: 1, malformed: 'error-without-reason' });
  whatsapp.faults.add({ kind: 'group-subject', times: 1, malformed: 'empty-result' });
  whatsapp.faults.add({ kind: 'group-subject', times: 1, malformed: 'error-in-result' });
  const [withoutReason, empty, nested] = [await alice.rename(), await alice.rename(), await alice.rename()];
  assert.equal(withoutReason.attrs.type, 'error');
  assert.equal(withoutReason.content, undefined);
  assert.equal(empty.attrs.type, 'result');
  assert.equal(empty.content, undefined);
  assert.equal(nested.attrs.type, 'result');
  assert.equal(childOf(childOf(nested, 'subject'), 'error')?.attrs.code, '404');
  assert.equal(alice.group.subject, 'before');
});

test('the change behind a late answer is made at once, and a dropped connection takes the answer with it', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await aliceWithGroup(whatsapp);
  // Days: a timer that is left behind keeps this file running until whoever runs it loses patience.
  whatsapp.faults.add({ kind: 'group-subject', delayMs: 2 ** 31 - 1 });
  const answered = assert.rejects(alice.rename(), (error) => error === 1006);
  await alice.client.event('groups.update', (updates) => updates.some(({ subject }) => subject === 'after'));
  assert.equal(alice.group.subject, 'after');
  whatsapp.dropConnections();
  await answered;
});

test('an upgrade can be refused with an HTTP status, or cut off', async () => {
  await using whatsapp = await startSimulator();
  whatsapp.faults.add({ kind: 'upgrade', times: 1, status: 403 });
  whatsapp.faults.add({ kind: 'upgrade', times: 1, close: true });
  await using refused = connectClient(whatsapp);
  const [, response] = await once(refused.sock.ws, 'unexpected-response');
  assert.equal(response.statusCode, 403);
  await using cutOff = connectClient(whatsapp);
  assert.equal(await cutOff.closed(), 408);
});

test('an upgrade without an answer, or with one by a server that lingers, runs into the time-out', async () => {
  await using whatsapp = await startSimulator();
  whatsapp.faults.add({ kind: 'upgrade', times: 1, silence: true });
  whatsapp.faults.add({ kind: 'upgrade', times: 1, status: 503, lingers: true });
  await using unanswered = connectClient(whatsapp, { connectTimeoutMs: 500 });
  await whatsapp.requestArrived('upgrade', 1);
  await using lingering = connectClient(whatsapp, { connectTimeoutMs: 500 });
  assert.deepEqual(await Promise.all([unanswered.closed(), lingering.closed()]), [408, 408]);
});

test('a hello without an answer runs into the time-out', async () => {
  await using whatsapp = await startSimulator();
  whatsapp.faults.add({ kind: 'handshake', times: 1, silence: true });
  await using client = connectClient(whatsapp, { connectTimeoutMs: 500 });
  assert.equal(await client.closed(), 408);
});

test('a login can be refused, ended, cut off, and left without an answer', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const auth = await pairedAuth(whatsapp, whatsapp.phone('5511999990001'));
  whatsapp.faults.add({ kind: 'login', times: 1, failure: 405, attributes: { expire: '3600' } });
  whatsapp.faults.add({ kind: 'login', times: 1, streamError: '503' });
  whatsapp.faults.add({ kind: 'login', times: 1, close: true });
  {
    await using client = connectClient(whatsapp, { auth });
    const [failure] = await once(client.sock.ws, 'CB:failure');
    assert.equal(failure.attrs.expire, '3600');
    assert.equal(await client.closed(), 405);
  }
  for (const code of [503, 428]) {
    await using client = connectClient(whatsapp, { auth });
    assert.equal(await client.closed(), code);
  }

  whatsapp.faults.add({ kind: 'login', times: 1, silence: true });
  await using silent = connectClient(whatsapp, { auth });
  await whatsapp.requestArrived('login', 5);
  await using _online = await onlineClient(whatsapp, auth);
  assert.ok(!silent.events('connection.update').some(({ connection }) => connection !== 'connecting'));
});

test('a request for a pairing code can be refused, or left without an answer', async () => {
  await using whatsapp = await startSimulator();
  const alice = whatsapp.phone('5511999990001');
  whatsapp.faults.add({ kind: 'companion-hello', times: 1, error: 429 });
  whatsapp.faults.add({ kind: 'companion-hello', times: 1, silence: true });
  await using client = connectClient(whatsapp);
  await client.qr();
  const refused = once(client.sock.ws, 'CB:iq,type:error');
  const code = await client.sock.requestPairingCode(alice.number);
  assert.equal(childOf((await refused)[0], 'error')?.attrs.code, '429');
  await assert.rejects(alice.enterCode(code), /Nobody waits/);
  const ignored = await client.sock.requestPairingCode(alice.number);
  await whatsapp.requestArrived('companion-hello', 2);
  await assert.rejects(alice.enterCode(ignored), /Nobody waits/);
});

test('what is no fault is refused, with the reason', () => {
  const book = new FaultBook(['picture-set']);
  const add = (fault: unknown) => () => book.add(fault as Parameters<typeof book.add>[0]);
  assert.throws(add(undefined), FaultError);
  assert.throws(add({ error: 406 }), /object with a "kind"/);
  assert.throws(
    add({ kind: 'picture-sett', error: 406 }),
    /upgrade, handshake, login, scan, enter-code, picture-set/,
  );
  for (const fault of [
    { kind: 'picture-set' },
    { kind: 'picture-set', error: '406' },
    { kind: 'picture-set', silence: false },
    { kind: 'picture-set', error: 406, silence: true },
    { kind: 'picture-set', close: true },
    { kind: 'picture-set', error: 406, times: 0 },
  ]) {
    assert.throws(add(fault), /error, silence, delayMs, close, streamError, malformed/);
  }
  assert.throws(add({ kind: 'upgrade', error: 406 }), /status, silence, close/);
  assert.throws(add({ kind: 'login', status: 403 }), /silence, close, failure, streamError/);
});

test('faults of one kind are met in order, and each only as often as it says', () => {
  const book = new FaultBook(['picture-set', 'picture-get']);
  book.add({ kind: 'picture-set', times: 2, error: 500 });
  book.add({ kind: 'picture-set', error: 503 });
  const met = () => {
    const fault = book.take('picture-set');
    return fault && 'error' in fault ? fault.error : undefined;
  };
  assert.deepEqual([met(), met(), met(), met()], [500, 500, 503, 503]);
  assert.equal(book.take('picture-get'), undefined);
  book.clear();
  assert.equal(met(), undefined);
});
