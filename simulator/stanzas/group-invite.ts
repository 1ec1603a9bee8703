import { groupOfAdmin, invitingGroup } from '../groups/group-access.ts';
import { groupNode } from '../groups/group-node.ts';
import { element, type IqHandler } from '../stanza.ts';

/**
 * Reads invitations. To a group: `<invite/>` → `<invite code/>`, for its admins. To `@g.us`: `<invite code/>` → the
 * `<group>` that the code leads to, without its participants, for everybody.
 */
export const groupInvite: IqHandler = {
  kind: 'group-invite',
  xmlns: 'w:g2',
  type: 'get',
  child: 'invite',
  evidence:
    'Baileys Socket/groups.ts groupInviteCode, groupGetInviteInfo; whatsmeow group.go GetGroupInviteLink, GetGroupInfoFromLink',

  answer(request) {
    const code = request.child?.attrs.code;
    if (code !== undefined) return [groupNode(invitingGroup(request, code), [])];
    return [element('invite', { code: groupOfAdmin(request).inviteCode })];
  },
};
