import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../group-family.ts';
import { childOf } from '../stanza.ts';

test('by the invite code one joins at once, and all members hear of it; who is in already gets 409', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const group = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  const id = `${group.id}@g.us`;
  assert.equal(await bob.sock.groupAcceptInvite(group.inviteCode), id);
  assert.equal((await bob.sock.groupMetadata(id)).size, 2);
  for (const { client } of [alice, bob]) {
    const update = await client.event('group-participants.update', (event) => event.id === id);
    assert.deepEqual([update.action, update.author], ['add', bob.phone.lid]);
  }
  await assert.rejects(bob.sock.groupAcceptInvite(group.inviteCode), { data: 409 });
});

test('where admins have to approve, one asks to join: admins hear of it, and let in or turn away', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const group = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  const id = `${group.id}@g.us`;
  await alice.sock.groupJoinApprovalMode(id, 'on');

  const asked = await bob.query({ to: '@g.us', type: 'set', xmlns: 'w:g2' }, [
    { tag: 'invite', attrs: { code: group.inviteCode } },
  ]);
  assert.equal(childOf(asked, 'membership_approval_request')?.attrs.jid, id);
  await assert.rejects(bob.sock.groupMetadata(id), { data: 403 });
  const request = await alice.client.event('group.join-request', (event) => event.id === id);
  assert.deepEqual([request.action, request.participant], ['created', bob.phone.lid]);
  const [waiting] = await alice.sock.groupRequestParticipantsList(id);
  assert.equal(waiting?.jid, bob.phone.lid);
  await assert.rejects(bob.sock.groupRequestParticipantsList(id), { data: 403 });

  const decide = async (decision: 'approve' | 'reject') =>
    (await alice.sock.groupRequestParticipantsUpdate(id, [bob.phone.account.pn], decision)).map(
      ({ status }) => status,
    );
  assert.deepEqual(await decide('reject'), ['200']);
  assert.deepEqual(await alice.sock.groupRequestParticipantsList(id), []);
  assert.deepEqual(await decide('approve'), ['404']);

  await bob.sock.groupAcceptInvite(group.inviteCode);
  assert.deepEqual(await decide('approve'), ['200']);
  const { author } = await bob.client.event('group-participants.update', ({ action }) => action === 'add');
  assert.equal(author, alice.phone.lid);
  assert.equal((await bob.sock.groupMetadata(id)).size, 2);
});
