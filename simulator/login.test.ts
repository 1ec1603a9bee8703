import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type BinaryNode, DEFAULT_CONNECTION_CONFIG, initAuthCreds } from 'baileys';
import { connectClient, newAuth, onlineClient, pairClient, pairedAuth } from './baileys-client.ts';
import { startSimulator } from './simulator.ts';
import { childOf, element } from './stanza.ts';

const picture = (id: string) =>
  element('notification', { from: '120363400000000001@g.us', type: 'picture', id, t: '1700000000' }, [
    element('set', { jid: '120363400000000001@g.us', id }),
  ]);

test('a device that was never linked is refused with 401', async () => {
  await using whatsapp = await startSimulator();
  whatsapp.phone('5511999990001');
  const me = { id: '5511999990001:1@s.whatsapp.net', name: 'Alice' };
  await using client = connectClient(whatsapp, { auth: newAuth({ ...initAuthCreds(), me }) });
  assert.equal(await client.closed(), 401);
});

test("a linked device's number does not let in another device's key", async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using alice = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  const stolen = newAuth({ ...alice.auth.creds, noiseKey: initAuthCreds().noiseKey });
  await using thief = connectClient(whatsapp, { auth: stolen });
  assert.equal(await thief.closed(), 401);
});

test('a version of WhatsApp Web that is too old is refused with 405, linked or not', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const auth = await pairedAuth(whatsapp, whatsapp.phone('5511999990001'));
  const [, , revision] = DEFAULT_CONNECTION_CONFIG.version;
  whatsapp.world.oldestWebRevision = revision + 1;
  await using unpaired = connectClient(whatsapp);
  await using paired = connectClient(whatsapp, { auth });
  assert.deepEqual(await Promise.all([unpaired.closed(), paired.closed()]), [405, 405]);
  whatsapp.world.oldestWebRevision = revision;
  await using again = await onlineClient(whatsapp, auth);
  assert.ok(again);
});

test('every login tells the device its LID', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  const auth = await pairedAuth(whatsapp, phone);
  await using second = await onlineClient(whatsapp, auth);
  assert.equal(second.auth.creds.me?.lid, phone.lid.replace('@', ':1@'));
});

test('the older of two connections of one device has to go', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using older = await pairClient(whatsapp, phone);
  await using newer = await onlineClient(whatsapp, older.auth);
  assert.equal(await older.closed(), 440);
  await newer.sock.groupFetchAllParticipating();
  whatsapp.world.deliverTo([phone.account], picture('1700000001'));
  await newer.event('messages.upsert', ({ messages }) =>
    messages.some(({ messageStubParameters }) => messageStubParameters?.[0] === '1700000001'),
  );
});

test('a device that its phone unlinks is told so at once, and refused from then on', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using client = await pairClient(whatsapp, phone);
  phone.unlinkAll();
  assert.equal(await client.closed(), 401);
  await using again = connectClient(whatsapp, { auth: client.auth });
  assert.equal(await again.closed(), 401);
});

test('a device that logs out is no longer linked', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  await client.sock.logout();
  await whatsapp.requestArrived('device-removal');
  await using again = connectClient(whatsapp, { auth: client.auth });
  assert.equal(await again.closed(), 401);
});

test('the first login brings history at once, so events are not held back', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  await using client = await pairClient(whatsapp, whatsapp.phone('5511999990001'));
  await client.event('messaging-history.set');
});

test('history and the key that a device has confirmed do not come again', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using first = await pairClient(whatsapp, phone);
  await first.event('messaging-history.set');
  await whatsapp.requestArrived('receipt', 3); // two for the history, and one for the key
  await using again = connectClient(whatsapp, { auth: first.auth });
  const tags: string[] = [];
  again.sock.ws.on('frame', ({ tag }: BinaryNode) => tags.push(tag));
  await again.event('connection.update', ({ connection }) => connection === 'open');
  assert.ok(tags.includes('success') && !tags.includes('message'), tags.join(' '));
});

test('a connection that breaks off is a device that is away', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  await using client = await pairClient(whatsapp, phone);
  whatsapp.dropConnections();
  assert.equal(await client.closed(), 428);
  await using again = await onlineClient(whatsapp, client.auth);
  assert.ok(phone.devices[0]?.link);
  await again.sock.groupFetchAllParticipating();
});

test('a device can be online for a while before what waited for it comes', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  const auth = await pairedAuth(whatsapp, phone);
  whatsapp.world.deliverTo([phone.account], picture('1700000001'));
  whatsapp.faults.add({ kind: 'login', backlogDelayMs: 3_600_000, times: 1 });
  await using back = await onlineClient(whatsapp, auth);
  await back.sock.groupFetchAllParticipating(); // stanzas come in order: nothing else was on its way
  assert.deepEqual(back.events('messages.upsert'), []);
  assert.equal(phone.devices[0]?.queue.length, 1);
});

test('what came while a device was away comes at its next login, marked as offline, and not twice', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001');
  const auth = await pairedAuth(whatsapp, phone);
  whatsapp.world.deliverTo([phone.account], picture('1700000001'));
  whatsapp.world.deliverTo([phone.account], picture('1700000002'));
  {
    await using back = connectClient(whatsapp, { auth });
    const [[announced], [notification]] = await Promise.all([
      once(back.sock.ws, 'CB:ib,,offline_preview'),
      once(back.sock.ws, 'CB:notification'),
    ]);
    const { count, notification: notifications } = childOf(announced, 'offline_preview')?.attrs ?? {};
    assert.deepEqual([count, notifications], ['2', '2']);
    assert.equal(notification.attrs.offline, '0');
    const changes = () => back.events('messages.upsert').flatMap(({ messages }) => messages);
    await back.event('messages.upsert', () => changes().length === 2);
    assert.deepEqual(
      changes().map(({ messageStubParameters }) => messageStubParameters),
      [['1700000001'], ['1700000002']],
    );
    await whatsapp.requestArrived('ack', 2);
    await back.event('connection.update', ({ connection }) => connection === 'open');
  }
  assert.deepEqual(phone.devices[0]?.queue, []);
});
