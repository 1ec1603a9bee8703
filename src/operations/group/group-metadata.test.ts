import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Phone } from '../../../simulator/phone.ts';
import { type ApiInstance, startWorld, type World } from '../../../test/harness.ts';

let world: World;
let ana: { phone: Phone; api: ApiInstance };
let bruno: Phone;
before(async () => {
  world = await startWorld();
  ana = await world.person('5511999990001', 'Ana');
  bruno = world.whatsapp.phone('5511999990002', 'Bruno');
});
after(() => world[Symbol.asyncDispose]());

for (const addressingMode of ['pn', 'lid'] as const) {
  test(`an admin reads the group, its members by number and its link (${addressingMode})`, async () => {
    const group = world.whatsapp.createGroup({
      subject: 'Equipe',
      owner: ana.phone,
      participants: [bruno],
      addressingMode,
      locked: true,
    });
    const { status, body } = await ana.api.get(`/group-metadata/${group.id}-group`);
    assert.equal(status, 200);
    assert.deepEqual(body, {
      phone: `${group.id}-group`,
      description: null,
      owner: ana.phone.number,
      subject: 'Equipe',
      creation: group.creation * 1000,
      invitationLink: `https://chat.whatsapp.com/${group.inviteCode}`,
      invitationLinkError: null,
      communityId: null,
      adminOnlyMessage: false,
      adminOnlySettings: true,
      requireAdminApproval: false,
      isGroupAnnouncement: false,
      participants: [
        { phone: ana.phone.number, isAdmin: true, isSuperAdmin: true },
        { phone: bruno.number, isAdmin: false, isSuperAdmin: false },
      ],
      subjectTime: body.subjectTime,
      subjectOwner: ana.phone.number,
    });
    assert.equal(body.subjectTime % 1000, 0);
  });
}

test('a member who is no admin gets everything but the link, and is told why', async () => {
  const group = world.whatsapp.createGroup({ subject: 'Equipe', owner: bruno, participants: [ana.phone] });
  const { status, body } = await ana.api.get(`/group-metadata/${group.id}`);
  assert.equal(status, 200);
  assert.equal(body.subject, 'Equipe');
  assert.deepEqual([body.invitationLink, body.invitationLinkError], [null, 'not-authorized']);
});

test('light metadata are the same, and WhatsApp is not asked for the link', async () => {
  const group = world.whatsapp.createGroup({ subject: 'Equipe', owner: ana.phone, participants: [bruno] });
  const whole = await ana.api.get(`/group-metadata/${group.id}@g.us`);
  const asked = world.whatsapp.requestCount('group-invite');
  const light = await ana.api.get(`/light-group-metadata/${group.id}@g.us`);
  assert.deepEqual(light.body, { ...whole.body, invitationLink: null });
  assert.equal(world.whatsapp.requestCount('group-invite'), asked);
});

test('a group that is not there, and one of others, have each their own failure', async () => {
  const ofOthers = world.whatsapp.createGroup({ subject: 'Equipe', owner: bruno, participants: [] });
  for (const operation of ['group-metadata', 'light-group-metadata']) {
    const unknown = await ana.api.get(`/${operation}/120363000000000000-group`);
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'group_not_found']);
    const foreign = await ana.api.get(`/${operation}/${ofOthers.id}-group`);
    assert.deepEqual([foreign.status, foreign.body.code], [403, 'not_group_member']);
    const invalid = await ana.api.get(`/${operation}/family`);
    assert.deepEqual([invalid.status, invalid.body.fields], [400, ['phone']]);
  }
});
