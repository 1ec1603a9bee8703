import { groupNode, participantNodes } from '../groups/group-node.ts';
import { tellOfNewGroup } from '../groups/group-notification.ts';
import { childrenOf, element, type IqHandler, StanzaError } from '../stanza.ts';

/**
 * `<create subject key><participant jid/>…</create>` → `<group>`.
 *
 * Whoever is not on WhatsApp is listed with `error="404"`, and the group is there all the same.
 */
export const groupCreate: IqHandler = {
  kind: 'group-create',
  xmlns: 'w:g2',
  type: 'set',
  child: 'create',
  evidence: 'Baileys Socket/groups.ts groupCreate; whatsmeow group.go CreateGroup',

  answer(request) {
    const { child, account, world } = request;
    const subject = child?.attrs.subject;
    if (!subject) throw new StanzaError(400);
    const asked = childrenOf(child, 'participant').map(({ attrs: { jid = '' } }) => ({
      jid,
      invited: world.account(jid),
    }));
    const participants = asked.flatMap(({ invited }) => invited ?? []);
    const group = world.groups.create({ subject, owner: account, participants });
    tellOfNewGroup(request, group, child.attrs.key);
    const unknown = asked.filter(({ invited }) => !invited);
    const notAdded = unknown.map(({ jid }) => element('participant', { jid, error: '404' }));
    return [groupNode(group, [...participantNodes(group), ...notAdded])];
  },
};
