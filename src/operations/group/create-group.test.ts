import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Phone } from '../../../simulator/phone.ts';
import { type ApiInstance, startWorld, type World } from '../../../test/harness.ts';

let world: World;
let ana: { phone: Phone; api: ApiInstance };
let bruno: Phone;
before(async () => {
  world = await startWorld({ whatsappTimeoutMs: 400 });
  ana = await world.person('5511999990001', 'Ana');
  bruno = world.whatsapp.phone('5511999990002', 'Bruno');
});
after(() => world[Symbol.asyncDispose]());

const groupOf = (body: { phone: string }) => world.whatsapp.group(body.phone.replace('-group', ''));
const membersOf = (body: { phone: string }) =>
  [...(groupOf(body)?.participants.keys() ?? [])].map(({ name }) => name);

test('a group is created with its members, and the answer says how to reach it and how to join', async () => {
  const { status, body } = await ana.api.post('/create-group', {
    groupName: ' Equipe ',
    phones: [bruno.number, '+55 (11) 99999-0002'],
    autoInvite: true,
  });
  assert.equal(status, 200);
  assert.match(body.phone, /^\d+-group$/);
  assert.equal(groupOf(body)?.subject, 'Equipe');
  assert.deepEqual(membersOf(body), ['Ana', 'Bruno']);
  assert.deepEqual(body, {
    phone: body.phone,
    phonesNotAdded: [],
    invitationLink: `https://chat.whatsapp.com/${groupOf(body)?.inviteCode}`,
    invitationLinkError: null,
  });
});

test('whoever is not added is listed: LIDs, which are never added, and numbers that WhatsApp did not take', async () => {
  const stranger = '5511999990099';
  const { body } = await ana.api.post('/create-group', {
    groupName: 'Equipe',
    phones: [bruno.number, bruno.lid, stranger],
  });
  assert.deepEqual(membersOf(body), ['Ana', 'Bruno']);
  assert.deepEqual(body.phonesNotAdded, [bruno.lid, stranger]);
});

test('the connected number is passed over, and is not enough for a group', async () => {
  const withOthers = await ana.api.post('/create-group', {
    groupName: 'Equipe',
    phones: [ana.phone.number, bruno.number],
  });
  assert.deepEqual(membersOf(withOthers.body), ['Ana', 'Bruno']);
  assert.deepEqual(withOthers.body.phonesNotAdded, []);

  const alone = await ana.api.post('/create-group', { groupName: 'Equipe', phones: [ana.phone.number] });
  assert.deepEqual([alone.status, alone.body.code], [400, 'invalid_request']);
});

test('names and numbers that cannot be are refused before WhatsApp is asked', async () => {
  const asked = world.whatsapp.requestCount('group-create');
  for (const [field, body] of [
    ['groupName', { groupName: '', phones: [bruno.number] }],
    ['groupName', { groupName: '   ', phones: [bruno.number] }],
    ['groupName', { groupName: 'x'.repeat(101), phones: [bruno.number] }],
    ['phones', { groupName: 'Equipe', phones: [] }],
    ['phones', { groupName: 'Equipe', phones: [bruno.number, 'Bruno'] }],
  ] as const) {
    const answer = await ana.api.post('/create-group', body);
    assert.deepEqual([answer.status, answer.body.fields], [400, [field]], JSON.stringify(body));
  }
  assert.equal(world.whatsapp.requestCount('group-create'), asked);
});

test('a failed look-up of the link does not hide that the group exists', async () => {
  world.whatsapp.faults.add({ kind: 'group-invite', times: 1, error: 429 });
  const { status, body } = await ana.api.post('/create-group', {
    groupName: 'Equipe',
    phones: [bruno.number],
  });
  assert.equal(status, 200);
  assert.ok(groupOf(body));
  assert.deepEqual([body.invitationLink, body.invitationLinkError], [null, 'too many requests']);
});

test('what WhatsApp did not confirm gets a status that no client repeats by itself', async () => {
  world.whatsapp.faults.add({ kind: 'group-create', times: 1, silence: true });
  const { status, body } = await ana.api.post('/create-group', {
    groupName: 'Equipe',
    phones: [bruno.number],
  });
  assert.deepEqual([status, body.code], [409, 'group_unconfirmed']);
});
