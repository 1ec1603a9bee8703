import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../groups/group-family.ts';

test('admins get the invite code, members without rights 401, others 403', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id, group } = world;
  assert.equal(await alice.sock.groupInviteCode(id), group.inviteCode);
  await assert.rejects(bob.sock.groupInviteCode(id), { data: 401 });
  const work = whatsapp.createGroup({ subject: 'work', owner: bob.phone, participants: [] });
  await assert.rejects(alice.sock.groupInviteCode(`${work.id}@g.us`), { data: 403 });
});

test('whoever has the code sees the group that it leads to, but not its people', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const { id, inviteCode } = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  const info = await bob.sock.groupGetInviteInfo(inviteCode);
  assert.deepEqual([info.id, info.subject, info.size], [`${id}@g.us`, 'work', 1]);
  assert.deepEqual(info.participants, []);
});

test('a code that was reset is gone (410), what is no code is not acceptable (406), and all members hear of the new one', async () => {
  await using world = await startFamily();
  const { alice, bob, id, group } = world;
  const first = group.inviteCode;
  await assert.rejects(bob.sock.groupRevokeInvite(id), { data: 401 });
  const second = await alice.sock.groupRevokeInvite(id);
  assert.notEqual(second, first);
  assert.equal(second, group.inviteCode);
  await assert.rejects(bob.sock.groupGetInviteInfo(first), { data: 410 });
  await assert.rejects(bob.sock.groupAcceptInvite(first), { data: 410 });
  await assert.rejects(bob.sock.groupGetInviteInfo('nonsense'), { data: 406 });
  for (const { client } of [alice, bob]) {
    await client.event('groups.update', (updates) =>
      updates.some((update) => update.id === id && update.inviteCode === second),
    );
  }
});
