import { groupOfMember } from '../groups/group-access.ts';
import { groupNode } from '../groups/group-node.ts';
import type { IqHandler } from '../stanza.ts';

/** `<query request="interactive"/>` → the whole `<group>`, for members only. */
export const groupQuery: IqHandler = {
  kind: 'group-query',
  xmlns: 'w:g2',
  type: 'get',
  child: 'query',
  evidence: 'Baileys Socket/groups.ts groupMetadata; whatsmeow group.go GetGroupInfo',

  answer(request) {
    return [groupNode(groupOfMember(request))];
  },
};
