import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairClient } from '../baileys-client.ts';
import { startSimulator } from '../simulator.ts';
import { childOf, element } from '../stanza.ts';

test('a client gets the key of its phone, once, and sets a name with it that the phone and other devices learn', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001', 'Alice');
  await using first = await pairClient(whatsapp, phone);
  await using second = await pairClient(whatsapp, phone);
  for (const client of [first, second]) {
    await client.event('creds.update', ({ myAppStateKeyId }) => Boolean(myAppStateKeyId));
  }
  await first.sock.updateProfileName('Alice at work');
  assert.equal(phone.name, 'Alice at work');
  await second.event('creds.update', ({ me }) => me?.name === 'Alice at work');

  await phone.rename('Alice');
  for (const client of [first, second]) await client.event('creds.update', ({ me }) => me?.name === 'Alice');
});

test('a change on top of a version that is not the last one is refused, with what is new', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001', 'Alice');
  await using client = await pairClient(whatsapp, phone);
  const patch = element('patch', {}, Buffer.from('nobody reads it'));
  const collection = element('collection', { name: 'critical_block', version: '0' }, [patch]);
  const attributes = { to: '@s.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' };
  const sync = element('sync', {}, [collection]);
  const answer = await client.sock.query(element('iq', attributes, [sync]), 3_000);
  const answered = childOf(childOf(answer, 'sync'), 'collection');
  assert.equal(answered?.attrs.type, 'error');
  assert.equal(childOf(answered, 'error')?.attrs.code, '409');
  assert.ok(childOf(childOf(answered, 'patches'), 'patch'));
  assert.equal(phone.name, 'Alice');
});

test('a key that a phone kept to itself comes when it shares it', async () => {
  await using whatsapp = await startSimulator({ preKeyCount: 100 });
  const phone = whatsapp.phone('5511999990001', 'Alice');
  phone.sharesKey = false;
  await using client = await pairClient(whatsapp, phone);
  await client.event('messaging-history.set');
  await assert.rejects(client.sock.updateProfileName('Nobody'), /key not present/);
  phone.sharesKey = true;
  await client.event('creds.update', ({ myAppStateKeyId }) => Boolean(myAppStateKeyId));
  await client.sock.updateProfileName('Alice at work');
  assert.equal(phone.name, 'Alice at work');
});
