import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../groups/group-family.ts';

test('a member renames the group; the next query shows it and who did it, and all members hear of it', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  await bob.sock.groupUpdateSubject(id, 'Família 🕊');
  const { subject, subjectOwner, subjectOwnerPn } = await alice.sock.groupMetadata(id);
  assert.deepEqual(
    [subject, subjectOwner, subjectOwnerPn],
    ['Família 🕊', bob.phone.lid, bob.phone.account.pn],
  );
  for (const { client } of [alice, bob]) {
    await client.event('groups.update', (updates) =>
      updates.some(
        (update) => update.id === id && update.subject === 'Família 🕊' && update.author === bob.phone.lid,
      ),
    );
  }
});

test('in a locked group only admins rename it', async () => {
  await using world = await startFamily({ locked: true });
  const { alice, bob, id, group } = world;
  await assert.rejects(bob.sock.groupUpdateSubject(id, 'mine'), { data: 401 });
  assert.equal(group.subject, 'family');
  await alice.sock.groupUpdateSubject(id, 'ours');
  assert.equal(group.subject, 'ours');
});

test('a group must have a subject', async () => {
  await using world = await startFamily();
  await assert.rejects(world.bob.sock.groupUpdateSubject(world.id, ''), { data: 400 });
});
