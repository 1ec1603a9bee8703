import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { describedGroup, describeGroup } from '../described-group.ts';
import { groupId } from '../fields.ts';
import { invitationOf } from '../invitation.ts';

export const groupMetadata = connectedOperation({
  name: 'group-metadata',
  section: 'group',
  method: 'GET',
  path: '/group-metadata/{phone}',
  summary: 'Read a group, its members and its invitation link.',
  description:
    'WhatsApp gives the invitation link to admins only; for others it is null and `invitationLinkError` says why. `light-group-metadata` does not ask for the link and is faster.',
  input: Type.Object({ phone: groupId }),
  output: describedGroup,
  example: {
    input: { phone: '120363019502650977-group' },
    output: {
      phone: '120363019502650977-group',
      description: 'Everything about the move',
      owner: '5511999990001',
      subject: 'Moving house',
      creation: 1785585600000,
      invitationLink: 'https://chat.whatsapp.com/GONwbGGDkLe8BifUWwLgct',
      invitationLinkError: null,
      communityId: null,
      adminOnlyMessage: false,
      adminOnlySettings: false,
      requireAdminApproval: false,
      isGroupAnnouncement: false,
      participants: [
        { phone: '5511999990001', isAdmin: true, isSuperAdmin: true },
        { phone: '5511999990002', isAdmin: false, isSuperAdmin: false },
      ],
      subjectTime: 1785585600000,
      subjectOwner: '5511999990001',
    },
  },
  errors: ['group_not_found', 'not_group_member', 'whatsapp_timeout'],

  async handle({ phone }, { whatsapp }) {
    return describeGroup(await whatsapp.group(phone), await invitationOf(phone, whatsapp));
  },
});
