import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Family, startFamily } from '../groups/group-family.ts';
import { onlineMember } from '../groups/group-member.ts';

/** Who is in the group and as what, as this member's next query shows it. */
async function rolesSeenBy(member: Family['bob'], id: string) {
  const { participants } = await member.sock.groupMetadata(id);
  return Object.fromEntries(participants.map(({ id, admin }) => [id, admin]));
}

for (const addressingMode of ['lid', 'pn'] as const) {
  test(`in a ${addressingMode} group people are added, promoted, demoted and removed, by phone number or LID`, async () => {
    await using world = await startFamily({ addressingMode });
    const { whatsapp, alice, bob, id } = world;
    const carol = whatsapp.phone('5511999990003', 'carol').account;
    const roles = {
      [alice.phone.account[addressingMode]]: 'superadmin',
      [bob.phone.account[addressingMode]]: null,
    };
    const steps = [
      { action: 'add', by: carol.pn, after: { ...roles, [carol[addressingMode]]: null } },
      { action: 'promote', by: carol.lid, after: { ...roles, [carol[addressingMode]]: 'admin' } },
      { action: 'demote', by: carol.pn, after: { ...roles, [carol[addressingMode]]: null } },
      { action: 'remove', by: carol.lid, after: roles },
    ] as const;
    for (const { action, by, after } of steps) {
      const outcome = await alice.sock.groupParticipantsUpdate(id, [by], action);
      assert.deepEqual(
        outcome.map(({ status, jid }) => ({ status, jid })),
        [{ status: '200', jid: carol[addressingMode] }],
      );
      assert.deepEqual(await rolesSeenBy(bob, id), after);
      for (const { client } of [alice, bob]) {
        const update = await client.event('group-participants.update', (event) => event.action === action);
        assert.equal(update.id, id);
        assert.equal(update.author, alice.phone.account[addressingMode]);
        assert.deepEqual(
          update.participants.map(({ id }) => id),
          [carol[addressingMode]],
        );
      }
    }
  });
}

test('each participant has an outcome of their own, and nobody hears of those to whom nothing happened', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  const carol = whatsapp.phone('5511999990003', 'carol');
  const stranger = '5511999999999@s.whatsapp.net';
  const outcomes = async (people: string[], action: 'add' | 'remove' | 'promote' | 'demote') =>
    (await alice.sock.groupParticipantsUpdate(id, people, action)).map(({ status }) => status);

  assert.deepEqual(await outcomes([bob.phone.lid, stranger], 'add'), ['409', '404']);
  assert.deepEqual(await outcomes([carol.lid], 'promote'), ['404']);
  assert.deepEqual(await outcomes([carol.lid], 'demote'), ['404']);
  assert.deepEqual(await outcomes([carol.lid, alice.phone.lid], 'remove'), ['404', '406']);
  assert.deepEqual(await outcomes([alice.phone.lid], 'demote'), ['406']);
  const heardOfPeople = async () =>
    (await bob.notifications()).filter(
      ({ content }) => Array.isArray(content) && content[0]?.tag !== 'create',
    );
  assert.deepEqual(await heardOfPeople(), []);

  assert.deepEqual(await outcomes([carol.lid, bob.phone.lid], 'add'), ['200', '409']);
  assert.deepEqual(await outcomes([alice.phone.lid], 'promote'), ['200']);
  assert.equal((await rolesSeenBy(bob, id))[alice.phone.lid], 'superadmin');
  const { participants } = await bob.client.event('group-participants.update');
  assert.deepEqual(
    participants.map(({ id }) => id),
    [carol.lid],
  );
});

test('who is removed hears of the own removal, and of nothing after it', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  await alice.sock.groupParticipantsUpdate(id, [bob.phone.account.pn], 'remove');
  const removal = await bob.client.event('group-participants.update', ({ action }) => action === 'remove');
  assert.deepEqual([removal.id, removal.participants[0]?.phoneNumber], [id, bob.phone.account.pn]);
  const heard = (await bob.notifications()).length;
  await alice.sock.groupUpdateSubject(id, 'without bob');
  assert.equal((await bob.notifications()).length, heard);
  await assert.rejects(bob.sock.groupMetadata(id), { data: 403 });

  await using carol = await onlineMember(whatsapp, whatsapp.phone('5511999990003', 'carol'));
  await alice.sock.groupParticipantsUpdate(id, [carol.phone.account.pn], 'add');
  await carol.client.event('group-participants.update', ({ action }) => action === 'add');
});

test('only admins change who is in the group, unless members may add', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  const carol = whatsapp.phone('5511999990003', 'carol');
  for (const action of ['add', 'remove', 'promote', 'demote'] as const) {
    await assert.rejects(bob.sock.groupParticipantsUpdate(id, [carol.lid], action), { data: 401 }, action);
  }
  await alice.sock.groupMemberAddMode(id, 'all_member_add');
  const [added] = await bob.sock.groupParticipantsUpdate(id, [carol.lid], 'add');
  assert.equal(added?.status, '200');
  await assert.rejects(bob.sock.groupParticipantsUpdate(id, [carol.lid], 'remove'), { data: 401 });
});
