import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { type GroupId, parseGroupId, parseUserId, type UserId } from '../ids.ts';
import type { Group } from '../whatsapp/whatsapp.ts';
import { describedGroup, describeGroup } from './described-group.ts';

const noInvitation = { invitationLink: null, invitationLinkError: null };

test('people are told by their phone numbers where WhatsApp told them, and by LID where it did not', () => {
  const told = describeGroup(
    {
      ...emptyGroup,
      owner: user('1001@lid'),
      subjectOwner: user('1002@lid'),
      participants: [
        { id: user('1001@lid'), phone: user('5511999990001@s.whatsapp.net'), role: 'superadmin' },
        { id: user('1002@lid'), phone: undefined, role: 'admin' },
        { id: user('5511999990003@s.whatsapp.net'), phone: undefined, role: 'member' },
      ],
    },
    noInvitation,
  );

  assert.equal(told.owner, '5511999990001');
  assert.equal(told.subjectOwner, '1002@lid');
  assert.deepEqual(told.participants, [
    { phone: '5511999990001', isAdmin: true, isSuperAdmin: true },
    { phone: '1002@lid', isAdmin: true, isSuperAdmin: false },
    { phone: '5511999990003', isAdmin: false, isSuperAdmin: false },
  ]);
});

test('a group is told in the ids, times and flags of the API', () => {
  const told = describeGroup(
    {
      ...emptyGroup,
      creation: 1_700_000_000,
      subjectTime: 1_700_000_060,
      description: 'About',
      communityId: group('120363019502650978'),
      announcement: true,
      locked: true,
      joinApproval: true,
      isCommunityAnnounce: true,
    },
    { invitationLink: 'https://chat.whatsapp.com/Code', invitationLinkError: null },
  );

  assert.deepEqual(told, {
    phone: '120363019502650977-group',
    description: 'About',
    owner: null,
    subject: 'Moving house',
    creation: 1_700_000_000_000,
    invitationLink: 'https://chat.whatsapp.com/Code',
    invitationLinkError: null,
    communityId: '120363019502650978',
    adminOnlyMessage: true,
    adminOnlySettings: true,
    requireAdminApproval: true,
    isGroupAnnouncement: true,
    participants: [],
    subjectTime: 1_700_000_060_000,
    subjectOwner: null,
  });
});

test('a group of which WhatsApp told nothing but its name still has every field', () => {
  assert.ok(Value.Check(describedGroup, describeGroup(emptyGroup, noInvitation)));
});

const emptyGroup: Group = {
  id: group('120363019502650977'),
  subject: 'Moving house',
  subjectOwner: undefined,
  subjectTime: undefined,
  description: undefined,
  owner: undefined,
  creation: undefined,
  participants: [],
  announcement: false,
  locked: false,
  joinApproval: false,
  communityId: undefined,
  isCommunityAnnounce: false,
};

function user(text: string): UserId {
  const id = parseUserId(text);
  assert.ok(id);
  return id;
}

function group(text: string): GroupId {
  const id = parseGroupId(text);
  assert.ok(id);
  return id;
}
