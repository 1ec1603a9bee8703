import { groupOfEditor } from '../groups/group-access.ts';
import { subjectAttributes } from '../groups/group-node.ts';
import { tellMembers } from '../groups/group-notification.ts';
import { bytesOf, element, type IqHandler, StanzaError } from '../stanza.ts';

/** `<subject>text</subject>` → an empty result. */
export const groupSubject: IqHandler = {
  kind: 'group-subject',
  xmlns: 'w:g2',
  type: 'set',
  child: 'subject',
  evidence: 'Baileys Socket/groups.ts groupUpdateSubject; whatsmeow group.go SetGroupName',

  answer(request) {
    const group = groupOfEditor(request);
    const subject = bytesOf(request.child).toString();
    if (subject === '') throw new StanzaError(400);
    group.subject = subject;
    group.subjectSetBy = request.account;
    group.subjectSetAt = request.world.groups.now();
    tellMembers(request, group, element('subject', subjectAttributes(group)));
    return undefined;
  },
};
