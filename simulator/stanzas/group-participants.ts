import { groupOfAdmin, groupOfMember } from '../groups/group-access.ts';
import type { Group } from '../groups/group-book.ts';
import { participantNode } from '../groups/group-node.ts';
import { tellMembers } from '../groups/group-notification.ts';
import { type BinaryNode, childrenOf, element, type IqHandler, type IqRequest } from '../stanza.ts';
import type { Account } from '../world.ts';

/** Does it to one account, or gives the error code of why not. */
type Change = (group: Group, account: Account) => string | undefined;

const changes: Readonly<Record<string, Change>> = {
  add({ participants, joinRequests }, account) {
    if (participants.has(account)) return '409';
    participants.set(account, 'member');
    joinRequests.delete(account);
    return undefined;
  },
  remove({ participants }, account) {
    if (!participants.has(account)) return '404';
    if (participants.get(account) === 'superadmin') return foundersStay;
    participants.delete(account);
    return undefined;
  },
  promote({ participants }, account) {
    if (!participants.has(account)) return '404';
    if (participants.get(account) === 'member') participants.set(account, 'admin');
    return undefined;
  },
  demote({ participants }, account) {
    if (!participants.has(account)) return '404';
    if (participants.get(account) === 'superadmin') return foundersStay;
    participants.set(account, 'member');
    return undefined;
  },
};

// That nobody else can remove or demote who made the group is WhatsApp's public help; the code for it is a guess.
const foundersStay = '406';

/**
 * `<add|remove|promote|demote><participant jid/>…` → the same with each one's outcome: an `error` code, or none.
 *
 * 404: not on WhatsApp, or not in the group; 409: already in the group. Only admins, unless members may add.
 */
export const groupParticipants: readonly IqHandler[] = Object.entries(changes).map(([action, change]) => ({
  kind: 'group-participants',
  xmlns: 'w:g2',
  type: 'set',
  child: action,
  evidence:
    'Baileys Socket/groups.ts groupParticipantsUpdate; whatsmeow group.go UpdateGroupParticipants; a real answer to a promotion in Baileys issue 1842',

  answer: (request) => changeParticipants(request, action, change),
}));

function changeParticipants(request: IqRequest, action: string, change: Change): BinaryNode[] {
  const group = groupForAction(request, action);
  const changed: Account[] = [];
  const outcomes = childrenOf(request.child, 'participant').map(({ attrs: { jid = '' } }) => {
    const account = request.world.account(jid);
    if (!account) return element('participant', { jid, error: '404' });
    const error = change(group, account);
    if (error === undefined) changed.push(account);
    return participantNode(group, account, error);
  });
  if (changed.length > 0) {
    const affected = changed.map((account) => participantNode(group, account));
    // Who was removed is no member any more, and has to hear of it.
    const gone = changed.filter((account) => !group.participants.has(account));
    tellMembers(request, group, element(action, {}, affected), gone);
  }
  return [element(action, {}, outcomes)];
}

function groupForAction(request: IqRequest, action: string): Group {
  const group = groupOfMember(request);
  return action === 'add' && group.membersMayAdd ? group : groupOfAdmin(request);
}
