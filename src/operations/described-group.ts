/** A group as both metadata operations tell it. */
import { type Static, Type } from 'typebox';
import { formatCommunityId, formatGroupId, formatUserId, type UserId } from '../ids.ts';
import type { Group } from '../whatsapp/whatsapp.ts';
import { nullable } from './fields.ts';

const person = Type.String({ description: 'The phone number, or `…@lid` when WhatsApp did not tell it.' });
const unixMs = Type.Integer({ description: 'Unix milliseconds.' });

/** What is known of a group without asking for its invitation link. */
export const describedGroup = Type.Object({
  phone: Type.String({ description: 'The id of the group.' }),
  description: nullable(
    Type.String({
      description: 'What the group says about itself.',
      examples: ['Everything about the move'],
    }),
  ),
  owner: nullable(person),
  subject: Type.String({ description: 'The name of the group.' }),
  creation: nullable(unixMs),
  invitationLink: nullable(
    Type.String({
      description: 'Only for admins.',
      examples: ['https://chat.whatsapp.com/GONwbGGDkLe8BifUWwLgct'],
    }),
  ),
  invitationLinkError: nullable(
    Type.String({
      description:
        'Why there is no link: `not-authorized` (not an admin), `forbidden` (not a member), `too many requests`, or a sentence.',
      examples: ['not-authorized'],
    }),
  ),
  communityId: nullable(
    Type.String({
      description: 'The community that the group belongs to.',
      examples: ['120363019502650970'],
    }),
  ),
  adminOnlyMessage: Type.Boolean({ description: 'Only admins may send messages.' }),
  adminOnlySettings: Type.Boolean({ description: 'Only admins may change name, photo and description.' }),
  requireAdminApproval: Type.Boolean({ description: 'New members need the approval of an admin.' }),
  isGroupAnnouncement: Type.Boolean({ description: 'This is the announcement group of a community.' }),
  participants: Type.Array(
    Type.Object({
      phone: person,
      isAdmin: Type.Boolean({ description: 'An admin, or the creator.' }),
      isSuperAdmin: Type.Boolean({ description: 'The creator.' }),
    }),
    { description: 'The members.' },
  ),
  subjectTime: nullable(unixMs),
  subjectOwner: nullable(person),
});

/** Tells a group; people by their phone numbers as far as the group's members tell them. */
export function describeGroup(
  group: Group,
  invitation: Pick<Static<typeof describedGroup>, 'invitationLink' | 'invitationLinkError'>,
): Static<typeof describedGroup> {
  const phones = new Map(group.participants.map(({ id, phone }) => [id, phone]));
  const formatPerson = (id: UserId | undefined) => (id ? formatUserId(phones.get(id) ?? id) : null);
  return {
    phone: formatGroupId(group.id),
    description: group.description ?? null,
    owner: formatPerson(group.owner),
    subject: group.subject,
    creation: millisecondsOf(group.creation),
    ...invitation,
    communityId: group.communityId ? formatCommunityId(group.communityId) : null,
    adminOnlyMessage: group.announcement,
    adminOnlySettings: group.locked,
    requireAdminApproval: group.joinApproval,
    isGroupAnnouncement: group.isCommunityAnnounce,
    participants: group.participants.map(({ id, phone, role }) => ({
      phone: formatUserId(phone ?? id),
      isAdmin: role !== 'member',
      isSuperAdmin: role === 'superadmin',
    })),
    subjectTime: millisecondsOf(group.subjectTime),
    subjectOwner: formatPerson(group.subjectOwner),
  };
}

const millisecondsOf = (unixSeconds: number | undefined): number | null =>
  unixSeconds === undefined ? null : unixSeconds * 1000;
