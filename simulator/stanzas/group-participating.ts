import { groupNode } from '../groups/group-node.ts';
import { element, type IqHandler } from '../stanza.ts';

/** `<participating>…</participating>` → `<groups>` with every `<group>` of this account. */
export const groupParticipating: IqHandler = {
  kind: 'group-participating',
  xmlns: 'w:g2',
  type: 'get',
  child: 'participating',
  evidence: 'Baileys Socket/groups.ts groupFetchAllParticipating; whatsmeow group.go GetJoinedGroups',

  answer({ account, world }) {
    const own = [...world.groups.all].filter(({ participants }) => participants.has(account));
    return [
      element(
        'groups',
        {},
        own.map((group) => groupNode(group)),
      ),
    ];
  },
};
