import { groupOfAdmin, invitingGroup } from '../groups/group-access.ts';
import { groupAddress, participantNode } from '../groups/group-node.ts';
import { tellAdmins, tellMembers } from '../groups/group-notification.ts';
import { type BinaryNode, element, type IqHandler, type IqRequest, StanzaError } from '../stanza.ts';

/**
 * Acts on invitations. To a group: `<invite/>` makes a new code → `<invite code/>`, for its admins. To `@g.us`:
 * `<invite code/>` joins the group that the code leads to → `<group jid/>`, or asks to join where admins have to
 * approve → `<membership_approval_request jid/>`.
 */
export const groupInviteSet: IqHandler = {
  kind: 'group-invite-set',
  xmlns: 'w:g2',
  type: 'set',
  child: 'invite',
  evidence:
    'Baileys Socket/groups.ts groupRevokeInvite, groupAcceptInvite; whatsmeow group.go GetGroupInviteLink, JoinGroupWithLink',

  answer(request) {
    const code = request.child?.attrs.code;
    return [code === undefined ? resetInvite(request) : acceptInvite(request, code)];
  },
};

function resetInvite(request: IqRequest): BinaryNode {
  const group = groupOfAdmin(request);
  const invite = element('invite', { code: request.world.groups.resetInviteCode(group) });
  tellMembers(request, group, invite);
  return invite;
}

function acceptInvite(request: IqRequest, code: string): BinaryNode {
  const { account, world } = request;
  const group = invitingGroup(request, code);
  if (group.participants.has(account)) throw new StanzaError(409);
  if (group.joinApproval) {
    group.joinRequests.set(account, world.groups.now());
    tellAdmins(request, group, element('created_membership_requests', { request_method: 'invite_link' }));
    return element('membership_approval_request', { jid: groupAddress(group) });
  }
  group.participants.set(account, 'member');
  tellMembers(request, group, element('add', { reason: 'invite' }, [participantNode(group, account)]));
  return element('group', { jid: groupAddress(group) });
}
