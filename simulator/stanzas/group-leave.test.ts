import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WAMessageStubType } from 'baileys';
import { startFamily } from '../groups/group-family.ts';

test('who leaves is out of the group, and those who stay hear that nobody else did it', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  await bob.sock.groupLeave(id);
  const { participants } = await alice.sock.groupMetadata(id);
  assert.deepEqual(
    participants.map(({ id }) => id),
    [alice.phone.lid],
  );
  for (const member of [alice, bob]) {
    await member.message(
      ({ messageStubType }) => messageStubType === WAMessageStubType.GROUP_PARTICIPANT_LEAVE,
    );
  }
  assert.deepEqual(await bob.sock.groupFetchAllParticipating(), {});
  await assert.rejects(bob.sock.groupLeave(id), { data: 403 });
});
