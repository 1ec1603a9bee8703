import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFamily } from '../groups/group-family.ts';

for (const addressingMode of ['lid', 'pn'] as const) {
  test(`a ${addressingMode} group shows its people by that address, with the other one beside it`, async () => {
    await using world = await startFamily({ addressingMode, now: () => 1_700_000_000 });
    const { alice, bob, id } = world;
    const metadata = await bob.sock.groupMetadata(id);
    const inLid = addressingMode === 'lid';
    const [founder, member] = [alice.phone.account, bob.phone.account];
    const phoneBeside = inLid ? founder.pn : undefined;
    assert.equal(metadata.addressingMode, addressingMode);
    assert.equal(metadata.subject, 'family');
    assert.deepEqual(
      [metadata.subjectOwner, metadata.subjectOwnerPn],
      [founder[addressingMode], phoneBeside],
    );
    assert.deepEqual([metadata.owner, metadata.ownerPn], [founder[addressingMode], phoneBeside]);
    assert.deepEqual([metadata.creation, metadata.subjectTime], [1_700_000_000, 1_700_000_000]);
    assert.equal(metadata.size, 2);
    assert.deepEqual(
      [metadata.announce, metadata.restrict, metadata.joinApprovalMode],
      [false, false, false],
    );
    assert.deepEqual(
      metadata.participants.map(({ id, phoneNumber, lid, admin }) => ({ id, phoneNumber, lid, admin })),
      [
        { account: founder, admin: 'superadmin' },
        { account: member, admin: null },
      ].map(({ account, admin }) => ({
        id: account[addressingMode],
        phoneNumber: inLid ? account.pn : undefined,
        lid: inLid ? undefined : account.lid,
        admin,
      })),
    );
  });
}

test('only members see a group (403), and only one that is there (404)', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const { id } = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  await assert.rejects(bob.sock.groupMetadata(`${id}@g.us`), { data: 403 });
  await assert.rejects(bob.sock.groupMetadata('120363000000000000@g.us'), { data: 404 });
});

test('everybody gets the list of their own groups', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  const work = whatsapp.createGroup({
    subject: 'work',
    owner: alice.phone,
    participants: [],
    addressingMode: 'pn',
  });
  assert.deepEqual(Object.keys(await bob.sock.groupFetchAllParticipating()), [id]);
  const groups = await alice.sock.groupFetchAllParticipating();
  assert.deepEqual(
    Object.values(groups).map(({ id, addressingMode }) => [id, addressingMode]),
    [
      [id, 'lid'],
      [`${work.id}@g.us`, 'pn'],
    ],
  );
});
