import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../groups/group-family.ts';

test('a member describes the group, describes it anew and takes it back; all members see and hear it', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  for (const text of ['who we are', 'who we are now']) {
    await bob.sock.groupUpdateDescription(id, text);
    const { desc, descOwner, descOwnerPn } = await alice.sock.groupMetadata(id);
    assert.deepEqual([desc, descOwner, descOwnerPn], [text, bob.phone.lid, bob.phone.account.pn]);
    for (const { client } of [alice, bob]) {
      await client.event('groups.update', (updates) => updates.some(({ desc }) => desc === text));
    }
  }
  await bob.sock.groupUpdateDescription(id);
  assert.equal((await alice.sock.groupMetadata(id)).desc, undefined);
  for (const { client } of [alice, bob]) {
    await client.event('groups.update', (updates) =>
      updates.some((update) => 'desc' in update && update.desc === undefined),
    );
  }
});

test('who did not know the current description gets 409, and it stays', async () => {
  await using world = await startFamily();
  const { bob, id, group } = world;
  const describe = (attrs: Record<string, string>) =>
    bob.query({ to: id, type: 'set', xmlns: 'w:g2' }, [
      {
        tag: 'description',
        attrs,
        content: [{ tag: 'body', attrs: {}, content: Buffer.from(attrs.id ?? '') }],
      },
    ]);
  await assert.rejects(describe({ id: 'AA', prev: '99' }), { data: 409 });
  await describe({ id: 'AA' });
  await assert.rejects(describe({ id: 'BB' }), { data: 409 });
  await assert.rejects(describe({ delete: 'true', prev: 'BB' }), { data: 409 });
  assert.equal(group.description?.text, 'AA');
  await describe({ id: 'BB', prev: 'AA' });
  assert.equal(group.description?.text, 'BB');
});

test('in a locked group only admins describe it', async () => {
  await using world = await startFamily({ locked: true });
  await assert.rejects(world.bob.sock.groupUpdateDescription(world.id, 'mine'), { data: 401 });
  await world.alice.sock.groupUpdateDescription(world.id, 'ours');
  assert.equal(world.group.description?.text, 'ours');
});
