import { groupOfAdmin } from '../groups/group-access.ts';
import { addressIn } from '../groups/group-node.ts';
import { element, type IqHandler } from '../stanza.ts';

/** `<membership_approval_requests/>` → who asked to join and waits, for admins. */
export const groupJoinRequests: IqHandler = {
  kind: 'group-join-requests',
  xmlns: 'w:g2',
  type: 'get',
  child: 'membership_approval_requests',
  evidence:
    'Baileys Socket/groups.ts groupRequestParticipantsList; whatsmeow group.go GetGroupRequestParticipants',

  answer(request) {
    const group = groupOfAdmin(request);
    const waiting = [...group.joinRequests].map(([account, at]) =>
      element('membership_approval_request', { jid: addressIn(group, account), request_time: String(at) }),
    );
    return [element('membership_approval_requests', {}, waiting)];
  },
};
