import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { describedGroup, describeGroup } from '../described-group.ts';
import { groupId } from '../fields.ts';

export const lightGroupMetadata = connectedOperation({
  name: 'light-group-metadata',
  section: 'group',
  method: 'GET',
  path: '/light-group-metadata/{phone}',
  summary: 'Read a group and its members, without the invitation link.',
  description: 'The same as `group-metadata`, but faster: `invitationLink` is not asked for and always null.',
  input: Type.Object({ phone: groupId }),
  output: describedGroup,
  example: {
    input: { phone: '120363019502650977-group' },
    output: {
      phone: '120363019502650977-group',
      description: null,
      owner: '5511999990001',
      subject: 'Moving house',
      creation: 1785585600000,
      invitationLink: null,
      invitationLinkError: null,
      communityId: null,
      adminOnlyMessage: false,
      adminOnlySettings: true,
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
    const group = await whatsapp.group(phone);
    return describeGroup(group, { invitationLink: null, invitationLinkError: null });
  },
});
