import { groupOfEditor } from '../groups/group-access.ts';
import { descriptionNode } from '../groups/group-node.ts';
import { tellMembers } from '../groups/group-notification.ts';
import { bytesOf, childOf, element, type IqHandler, StanzaError } from '../stanza.ts';

/**
 * `<description id prev><body>text</body></description>`, or `<description delete="true" prev/>` → an empty result.
 *
 * `prev` must be the id of the current description (absent when there is none), or the answer is 409: somebody else
 * was faster.
 */
export const groupDescription: IqHandler = {
  kind: 'group-description',
  xmlns: 'w:g2',
  type: 'set',
  child: 'description',
  evidence: 'Baileys Socket/groups.ts groupUpdateDescription; whatsmeow issue 917 for the 409',

  answer(request) {
    const { child, account, world } = request;
    const group = groupOfEditor(request);
    const { id, prev, delete: isDeletion } = child?.attrs ?? {};
    if (prev !== group.description?.id) throw new StanzaError(409);
    if (isDeletion === 'true') {
      group.description = undefined;
      tellMembers(request, group, element('description', { id: prev }, [element('delete')]));
      return undefined;
    }
    if (!id) throw new StanzaError(400);
    const text = bytesOf(childOf(child, 'body')).toString();
    group.description = { id, text, by: account, at: world.groups.now() };
    tellMembers(request, group, descriptionNode(group, group.description));
    return undefined;
  },
};
