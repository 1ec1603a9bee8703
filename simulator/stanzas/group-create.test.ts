import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../groups/group-family.ts';
import { childOf, childrenOf } from '../stanza.ts';

test('a group is created with who is on WhatsApp, named by phone number or LID; the others are listed with 404', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const carol = whatsapp.phone('5511999990003', 'carol');
  const stranger = '5511999999999@s.whatsapp.net';
  const created = await alice.sock.groupCreate('work', [bob.phone.account.pn, carol.lid, stranger]);

  assert.equal(created.subject, 'work');
  assert.deepEqual(
    created.participants.map(({ id, phoneNumber, admin }) => ({ id, phoneNumber, admin })),
    [
      { id: alice.phone.lid, phoneNumber: alice.phone.account.pn, admin: 'superadmin' },
      { id: bob.phone.lid, phoneNumber: bob.phone.account.pn, admin: null },
      { id: carol.lid, phoneNumber: carol.account.pn, admin: null },
      { id: stranger, phoneNumber: undefined, admin: null },
    ],
  );
  const answer = childOf(
    alice.received.findLast(({ tag }) => tag === 'iq'),
    'group',
  );
  const errors = childrenOf(answer, 'participant').map(({ attrs }) => attrs.error);
  assert.deepEqual(errors, [undefined, undefined, undefined, '404']);

  const metadata = await bob.sock.groupMetadata(created.id);
  assert.deepEqual(
    metadata.participants.map(({ id }) => id),
    [alice.phone.lid, bob.phone.lid, carol.lid],
  );
});

test('all members hear of a new group, its founder included', async () => {
  await using world = await startFamily();
  const { alice, bob } = world;
  const { id } = await alice.sock.groupCreate('work', [bob.phone.account.pn]);
  for (const { client } of [alice, bob]) {
    const [group] = await client.event('groups.upsert', ([upserted]) => upserted?.id === id);
    assert.equal(group?.subject, 'work');
    assert.equal(group?.author, alice.phone.lid);
    assert.equal(group?.participants.length, 2);
  }
  const [heard] = (await alice.notifications()).filter(({ attrs }) => attrs.from === id);
  assert.match(
    childOf(heard, 'create')?.attrs.key ?? '',
    /./,
    'the key by which the founder knows the request',
  );
});

test('a group without a subject is a bad request', async () => {
  await using world = await startFamily();
  await assert.rejects(world.alice.sock.groupCreate('', []), { data: 400 });
});
