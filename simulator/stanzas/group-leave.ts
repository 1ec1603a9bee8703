import { groupOfMember } from '../groups/group-access.ts';
import { groupAddress, participantNode } from '../groups/group-node.ts';
import { tellMembers } from '../groups/group-notification.ts';
import { childrenOf, element, type IqHandler } from '../stanza.ts';

/**
 * `<leave><group id/>…</leave>` → the same. Those who stay, and who left, are told of a removal whose actor is the one
 * removed.
 */
export const groupLeave: IqHandler = {
  kind: 'group-leave',
  xmlns: 'w:g2',
  type: 'set',
  child: 'leave',
  evidence:
    'Baileys Socket/groups.ts groupLeave; whatsmeow group.go LeaveGroup; what the answer holds is a guess',

  answer(request) {
    const { child, account } = request;
    const groups = childrenOf(child, 'group').map(({ attrs }) => groupOfMember(request, attrs.id));
    for (const group of groups) {
      group.participants.delete(account);
      tellMembers(request, group, element('remove', {}, [participantNode(group, account)]), [account]);
    }
    const left = groups.map((group) => element('group', { id: groupAddress(group) }));
    return [element('leave', {}, left)];
  },
};
