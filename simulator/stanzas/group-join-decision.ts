import { groupOfAdmin } from '../groups/group-access.ts';
import { participantNode } from '../groups/group-node.ts';
import { tellAdmins, tellMembers } from '../groups/group-notification.ts';
import { childrenOf, element, type IqHandler, StanzaError } from '../stanza.ts';
import type { Account } from '../world.ts';

/**
 * `<membership_requests_action><approve|reject><participant jid/>…` → the same tree; `error="404"` for whoever did not
 * ask to join. Approved ones are members from now on, rejected ones have to ask again.
 */
export const groupJoinDecision: IqHandler = {
  kind: 'group-join-decision',
  xmlns: 'w:g2',
  type: 'set',
  child: 'membership_requests_action',
  evidence:
    'Baileys Socket/groups.ts groupRequestParticipantsUpdate; whatsmeow group.go UpdateGroupRequestParticipants; the 404 is a guess',

  answer(request) {
    const { child, world } = request;
    const group = groupOfAdmin(request);
    const [decision] = childrenOf(child);
    if (decision?.tag !== 'approve' && decision?.tag !== 'reject') throw new StanzaError(400);
    const decided: Account[] = [];
    const outcomes = childrenOf(decision, 'participant').map(({ attrs: { jid = '' } }) => {
      const account = world.account(jid);
      if (!account || !group.joinRequests.delete(account))
        return element('participant', { jid, error: '404' });
      if (decision.tag === 'approve') group.participants.set(account, 'member');
      decided.push(account);
      return participantNode(group, account);
    });
    const affected = decided.map((account) => participantNode(group, account));
    if (affected.length > 0 && decision.tag === 'approve') {
      tellMembers(request, group, element('add', {}, affected));
    } else if (affected.length > 0) {
      tellAdmins(request, group, element('revoked_membership_requests', {}, affected));
    }
    return [element('membership_requests_action', {}, [element(decision.tag, {}, outcomes)])];
  },
};
