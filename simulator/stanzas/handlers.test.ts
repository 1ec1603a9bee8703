import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { type BinaryNode, getNextPreKeysNode } from 'baileys';
import { type BaileysClient, pairClient, pairedAuth } from '../baileys-client.ts';
import { startSimulator } from '../simulator.ts';
import { bytesOf, childOf, childrenOf, element } from '../stanza.ts';
import { handlers } from './handlers.ts';

/** Asks as Baileys asks, but with an explicit deadline: without one, silence would look like an answer. */
const ask = (
  { sock }: BaileysClient,
  type: 'get' | 'set',
  xmlns: string,
  content?: BinaryNode[],
): Promise<BinaryNode> => sock.query(element('iq', { to: '@s.whatsapp.net', type, xmlns }, content), 3_000);

test('every file of this folder is in the list', async () => {
  const names = await readdir(import.meta.dirname);
  const files = names.filter((name) => !/\.test\.ts$|^handlers\.ts$/.test(name));
  const known = new Set<unknown>(handlers);
  for (const file of files) {
    const exported = Object.values(await import(`./${file}`)).flat();
    assert.ok(exported.length > 0, `${file} exports nothing`);
    for (const handler of exported) assert.ok(known.has(handler), `${file} is not in the list`);
  }
});

test('a client that logs in gets an answer to all that it asks by itself', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  const kinds = ['pre-key-count', 'passive', 'pre-key-digest', 'props', 'blocklist', 'privacy'];
  await Promise.all(kinds.map((kind) => whatsapp.requestArrived(kind)));
  assert.deepEqual(whatsapp.unknownRequests, []);
  assert.equal((await client.sock.fetchPrivacySettings()).readreceipts, 'all');
});

test('pings are answered, with a child and without', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  for (const [xmlns, content] of [
    ['w:p', [element('ping')]],
    ['w:p', undefined],
    ['urn:xmpp:ping', [element('ping')]],
  ] as const) {
    assert.equal((await ask(client, 'get', xmlns, content && [...content])).attrs.type, 'result');
  }
});

test('the app state has every collection that was asked for', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  const collections = [
    element('collection', { name: 'regular_high', version: '0' }),
    element('collection', { name: 'critical_block', version: '1' }),
  ];
  const answer = await ask(client, 'set', 'w:sync:app:state', [element('sync', {}, collections)]);
  assert.deepEqual(
    childrenOf(childOf(answer, 'sync'), 'collection').map(({ attrs }) => ({ ...attrs })),
    collections.map(({ attrs }) => attrs),
  );
});

test('people are found by number, by PN and by LID, with their devices', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const bob = whatsapp.phone('5511999990002', 'Bob');
  await using _bobsClient = await pairClient(whatsapp, bob);
  await using alice = await pairClient(whatsapp, whatsapp.phone('5511999990001'));

  const found = await alice.sock.onWhatsApp('5511999990002', '5511999990009');
  assert.deepEqual(found, [{ jid: '5511999990002@s.whatsapp.net', exists: true }]);
  const stranger = element('user', {}, [element('contact', {}, '+5511999990009')]);
  const question = [element('query', {}, [element('contact')]), element('list', {}, [stranger])];
  const answer = await ask(alice, 'get', 'usync', [element('usync', { sid: '1', mode: 'query' }, question)]);
  const user = childOf(childOf(childOf(answer, 'usync'), 'list'), 'user');
  assert.deepEqual(
    [user?.attrs.jid, childOf(user, 'contact')?.attrs.type],
    ['5511999990009@s.whatsapp.net', 'out'],
  );
  const byPn = await alice.sock.getUSyncDevices([bob.account.pn], false, false);
  const byLid = await alice.sock.getUSyncDevices([bob.lid], false, false);
  assert.deepEqual(byPn.map(({ device }) => device).sort(), [0, 1]);
  assert.deepEqual(byLid.map(({ device }) => device).sort(), [0, 1]);
  assert.equal(await alice.sock.signalRepository.lidMapping.getLIDForPN(bob.account.pn), bob.lid);
});

test('uploaded one-time keys are counted, and each is handed out once', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const bob = whatsapp.phone('5511999990002');
  await using bobsClient = await pairClient(whatsapp, bob);
  await using alice = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  // Not with the client's own upload, which leaves a timer of 30 s behind.
  for (const count of [2, 1]) {
    const { node, update } = await getNextPreKeysNode(bobsClient.sock.authState, count);
    await bobsClient.sock.query(node, 3_000);
    Object.assign(bobsClient.auth.creds, update);
  }
  whatsapp.world.preKeyCount = undefined;
  const counted = await ask(bobsClient, 'get', 'encrypt', [element('count')]);
  assert.equal(childOf(counted, 'count')?.attrs.value, '3');

  const fetchKey = async () => {
    const jid = bob.lid.replace('@', ':1@');
    const answer = await ask(alice, 'get', 'encrypt', [element('key', {}, [element('user', { jid })])]);
    const user = childOf(childOf(answer, 'list'), 'user');
    assert.equal(bytesOf(childOf(user, 'identity')).length, 32);
    return bytesOf(childOf(childOf(user, 'key'), 'id')).toString('hex');
  };
  for (const id of ['000001', '000002', '000003', '']) assert.equal(await fetchKey(), id);

  const unknown = element('user', { jid: bob.lid.replace('@', ':9@') });
  const answer = await ask(alice, 'get', 'encrypt', [element('key', {}, [unknown])]);
  const error = childOf(childOf(childOf(answer, 'list'), 'user'), 'error');
  assert.equal(error?.attrs.code, '404');
});

test('a device logs out itself and others of its account, but nobody else’s', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const bob = whatsapp.phone('5511999990002');
  const alice = whatsapp.phone('5511999990001');
  const bobsAuth = await pairedAuth(whatsapp, bob);
  await using first = await pairClient(whatsapp, alice);
  await using second = await pairClient(whatsapp, alice);
  const logOut = (jid: string | undefined) =>
    ask(first, 'set', 'md', [element('remove-companion-device', { jid, reason: 'user_initiated' })]);
  await assert.rejects(logOut(bobsAuth.creds.me?.id), { data: 404 });
  await assert.rejects(logOut(alice.account.pn.replace('@', ':9@')), { data: 404 });
  assert.deepEqual([bob.devices.length, alice.devices.length], [1, 2]);
  await logOut(second.auth.creds.me?.id);
  assert.equal(await second.closed(), 401);
  assert.deepEqual(
    alice.devices.map(({ id }) => id),
    [1],
  );
  await logOut(first.auth.creds.me?.id);
  assert.equal(await first.closed(), 401);
});

test('a device takes a new signed key in place of the old one', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using client = await pairClient(whatsapp, phone);
  await client.sock.rotateSignedPreKey();
  assert.deepEqual(
    phone.devices[0]?.keys.signedPreKey.value,
    Buffer.from(client.auth.creds.signedPreKey.keyPair.public),
  );
});

test('a message that is sent is acknowledged', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const bob = whatsapp.phone('5511999990002');
  await using alice = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  const acknowledged = once(alice.sock.ws, 'CB:ack,class:message');
  const message = await alice.sock.sendMessage(bob.account.pn, { text: 'Hello' });
  const [ack] = await acknowledged;
  assert.equal(ack.attrs.id, message?.key.id);
  assert.equal(ack.attrs.error, undefined);
});

test('media connections, dirty bits and privacy tokens get their answers', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  const media = await client.sock.refreshMediaConn(true);
  assert.equal(media.hosts[0]?.hostname, new URL(whatsapp.controlUrl).host);
  const clean = element('clean', { type: 'groups' });
  assert.equal((await ask(client, 'set', 'urn:xmpp:whatsapp:dirty', [clean])).attrs.type, 'result');
  const token = element('token', { jid: '5511999990002@s.whatsapp.net', t: '1', type: 'trusted_contact' });
  const tokens = element('tokens', {}, [token]);
  assert.equal((await ask(client, 'set', 'privacy', [tokens])).attrs.type, 'result');
});

test('an unknown request is answered with 501, and fails the test that caused it', async () => {
  const whatsapp = await startSimulator({ preKeyCount: 100 });
  {
    await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
    await assert.rejects(ask(client, 'get', 'w:unheard-of', [element('thing')]), { data: 501 });
  }
  assert.deepEqual(whatsapp.unknownRequests, ['iq get w:unheard-of <thing>']);
  await assert.rejects(async () => whatsapp[Symbol.asyncDispose](), /w:unheard-of/);
});

test('unknown requests can be expected', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100, toleratesUnknownRequests: true });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  await assert.rejects(ask(client, 'set', 'w:unheard-of'), { data: 501 });
  await client.sock.sendNode(element('call', { id: '1' }));
  await ask(client, 'get', 'w:p');
  assert.deepEqual(whatsapp.unknownRequests, ['iq set w:unheard-of', 'call']);
});

test('a mistake of the simulator’s own costs the client its connection, and fails the test', async () => {
  const whatsapp = await startSimulator({ preKeyCount: 100, toleratesUnknownRequests: true });
  const phone = whatsapp.phone('5511999990001');
  const { id } = whatsapp.createGroup({ subject: 'family', owner: phone, participants: [] });
  whatsapp.world.groups.now = () => {
    throw new Error('The clock is broken');
  };
  for (const _ of [1, 2]) {
    await using client = await pairClient(whatsapp, phone);
    await assert.rejects(client.sock.groupUpdateSubject(`${id}@g.us`, 'work'), (error) => error === 1006);
  }
  await assert.rejects(
    async () => whatsapp[Symbol.asyncDispose](),
    ({ errors, message }) =>
      errors.length === 2 && /The clock is broken; .*The clock is broken/.test(message),
  );
});
