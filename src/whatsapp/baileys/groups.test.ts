import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startSimulator } from '../../../simulator/simulator.ts';
import { type ErrorCode, GatewayError } from '../../errors.ts';
import { type PhoneNumber, parseGroupId, parsePhoneNumber } from '../../ids.ts';
import { dialPaired } from './test-connection.fixture.ts';

const number = (text: string): PhoneNumber => {
  const phone = parsePhoneNumber(text);
  assert.ok(phone);
  return phone;
};

/** Alice is connected; Bob has a phone. */
async function startPeople() {
  const simulator = await startSimulator({ preKeyCount: 100 });
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const { connection, ...rest } = await dialPaired(simulator, alice, { queryTimeoutMs: 300 });
  return {
    simulator,
    alice,
    bob,
    whatsapp: connection.whatsapp,
    async [Symbol.asyncDispose]() {
      await rest[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

const fails = (code: ErrorCode) => (error: unknown) => error instanceof GatewayError && error.code === code;

for (const addressingMode of ['lid', 'pn'] as const) {
  test(`a ${addressingMode} group is read with its people, settings and texts`, async () => {
    await using world = await startPeople();
    const { simulator, alice, bob, whatsapp } = world;
    const founded = simulator.createGroup({
      subject: 'family',
      owner: bob,
      participants: [alice],
      addressingMode,
      locked: true,
    });
    founded.announcement = true;
    founded.joinApproval = true;
    founded.description = { id: 'D1', text: 'Só família ❤', by: bob.account, at: 1_700_000_000 };
    const id = parseGroupId(founded.id);
    assert.ok(id);

    const expected = {
      id: `${founded.id}@g.us`,
      subject: 'family',
      subjectOwner: '5511999990002@s.whatsapp.net',
      subjectTime: founded.subjectSetAt,
      description: 'Só família ❤',
      owner: '5511999990002@s.whatsapp.net',
      creation: founded.creation,
      participants: [
        { id: bob.account[addressingMode], phone: '5511999990002@s.whatsapp.net', role: 'superadmin' },
        { id: alice.account[addressingMode], phone: '5511999990001@s.whatsapp.net', role: 'member' },
      ],
      announcement: true,
      locked: true,
      joinApproval: true,
      communityId: undefined,
      isCommunityAnnounce: false,
    };
    assert.deepEqual(await whatsapp.group(id), expected);
    assert.deepEqual(await whatsapp.groups(), [expected]);
  });
}

test('a new group has its members, and those whom WhatsApp did not take are named', async () => {
  await using world = await startPeople();
  const { whatsapp, simulator } = world;
  const { group, notAdded } = await whatsapp.createGroup('family', [
    number('5511999990002'),
    number('5511999990009'),
  ]);
  assert.equal(simulator.group(group.id)?.subject, 'family');
  assert.deepEqual(
    group.participants.map(({ phone, role }) => [phone, role]),
    [
      ['5511999990001@s.whatsapp.net', 'superadmin'],
      ['5511999990002@s.whatsapp.net', 'member'],
    ],
  );
  assert.deepEqual(notAdded, ['5511999990009@s.whatsapp.net']);
});

test('a subject that looks like an address arrives as it was written', async () => {
  await using world = await startPeople();
  const { group } = await world.whatsapp.createGroup('Churrasco 19:30@casa', []);
  assert.equal(group.subject, 'Churrasco 19:30@casa');
  assert.equal(world.simulator.group(group.id)?.subject, 'Churrasco 19:30@casa');
});

test('a group that could not be renamed to such a subject is given under the one that it bears', async () => {
  await using world = await startPeople();
  world.simulator.faults.add({ kind: 'group-subject', error: 500 });
  const { group } = await world.whatsapp.createGroup('Churrasco 19:30@casa', []);
  assert.equal(group.subject, 'Churrasco 19:30＠casa');
  assert.equal(world.simulator.group(group.id)?.subject, group.subject);
});

test('admins get the invite code, others are told that they are none', async () => {
  await using world = await startPeople();
  const { simulator, alice, bob, whatsapp } = world;
  const ours = simulator.createGroup({ subject: 'ours', owner: alice, participants: [bob] });
  const theirs = simulator.createGroup({ subject: 'theirs', owner: bob, participants: [alice] });
  const [oursId, theirsId] = [parseGroupId(ours.id), parseGroupId(theirs.id)];
  assert.ok(oursId && theirsId);
  assert.equal(await whatsapp.groupInviteCode(oursId), ours.inviteCode);
  await assert.rejects(whatsapp.groupInviteCode(theirsId), fails('not_group_admin'));
});

test('a group that is not there, and one that others are in, are told apart', async () => {
  await using world = await startPeople();
  const { simulator, bob, whatsapp } = world;
  const foreign = parseGroupId(simulator.createGroup({ subject: 'x', owner: bob, participants: [] }).id);
  const unknown = parseGroupId('120363999999999999');
  assert.ok(foreign && unknown);
  await assert.rejects(whatsapp.group(foreign), fails('not_group_member'));
  await assert.rejects(whatsapp.group(unknown), fails('group_not_found'));
});

describe('what concerns no single group is not blamed on one', () => {
  for (const error of [401, 403, 404]) {
    test(`${error}`, async () => {
      await using world = await startPeople();
      world.simulator.faults.add({ kind: 'group-participating', error });
      world.simulator.faults.add({ kind: 'group-create', error });
      await assert.rejects(world.whatsapp.groups(), fails('whatsapp_refused'));
      await assert.rejects(world.whatsapp.createGroup('family', []), fails('whatsapp_refused'));
    });
  }
});

describe('an answer without what was asked for is an error, not an empty result', () => {
  for (const [kind, code] of [
    ['group-participating', 'whatsapp_refused'],
    ['group-query', 'whatsapp_refused'],
    ['group-invite', 'whatsapp_refused'],
    ['group-create', 'whatsapp_timeout'], // there may be a group
  ] as const) {
    test(`${kind}: ${code}`, async () => {
      await using world = await startPeople();
      const { simulator, alice, whatsapp } = world;
      const id = parseGroupId(simulator.createGroup({ subject: 'x', owner: alice, participants: [] }).id);
      assert.ok(id);
      simulator.faults.add({ kind, malformed: 'empty-result' });
      const asked = {
        'group-participating': () => whatsapp.groups(),
        'group-query': () => whatsapp.group(id),
        'group-invite': () => whatsapp.groupInviteCode(id),
        'group-create': () => whatsapp.createGroup('family', []),
      }[kind];
      await assert.rejects(asked(), fails(code));
    });
  }
});
