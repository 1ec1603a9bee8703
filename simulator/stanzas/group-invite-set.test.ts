import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../groups/group-family.ts';
import { onlineMember } from '../groups/group-member.ts';
import { childOf, childrenOf } from '../stanza.ts';

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
  const { whatsapp, alice, bob, group, id } = world;
  await using carol = await onlineMember(whatsapp, whatsapp.phone('5511999990003', 'carol'));
  await alice.sock.groupJoinApprovalMode(id, 'on');

  const asked = await carol.query({ to: '@g.us', type: 'set', xmlns: 'w:g2' }, [
    { tag: 'invite', attrs: { code: group.inviteCode } },
  ]);
  assert.equal(childOf(asked, 'membership_approval_request')?.attrs.jid, id);
  await assert.rejects(carol.sock.groupMetadata(id), { data: 403 });
  const request = await alice.client.event('group.join-request', (event) => event.id === id);
  assert.deepEqual([request.action, request.participant], ['created', carol.phone.lid]);
  const whoWaits = async () => (await alice.sock.groupRequestParticipantsList(id)).map(({ jid }) => jid);
  assert.deepEqual(await whoWaits(), [carol.phone.lid]);
  await assert.rejects(bob.sock.groupRequestParticipantsList(id), { data: 401 });

  const decide = async (decision: 'approve' | 'reject') =>
    (await alice.sock.groupRequestParticipantsUpdate(id, [carol.phone.account.pn], decision)).map(
      ({ status }) => status,
    );
  assert.deepEqual(await decide('reject'), ['200']);
  await alice.client.event('group.join-request', ({ action }) => action === 'rejected');
  assert.deepEqual(await whoWaits(), []);
  assert.deepEqual(await decide('approve'), ['404']);

  await carol.sock.groupAcceptInvite(group.inviteCode);
  assert.deepEqual(await decide('approve'), ['200']);
  const { author } = await carol.client.event('group-participants.update', ({ action }) => action === 'add');
  assert.equal(author, alice.phone.lid);
  assert.equal((await carol.sock.groupMetadata(id)).size, 3);
  const heardByBob = (await bob.notifications()).flatMap((heard) => childrenOf(heard));
  assert.deepEqual(
    heardByBob.map(({ tag }) => tag),
    ['create', 'membership_approval_mode', 'add'],
  );
});

test('who is added while asking to join waits no more', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const group = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  const id = `${group.id}@g.us`;
  await alice.sock.groupJoinApprovalMode(id, 'on');
  await bob.sock.groupAcceptInvite(group.inviteCode);
  await alice.sock.groupParticipantsUpdate(id, [bob.phone.lid], 'add');
  assert.deepEqual(await alice.sock.groupRequestParticipantsList(id), []);
});
