import { element, type IqHandler } from '../stanza.ts';

/** Whether the server's keys are the device's own. Clients were only seen to look for the child, so it is empty. */
export const preKeyDigest: IqHandler = {
  kind: 'pre-key-digest',
  xmlns: 'encrypt',
  type: 'get',
  child: 'digest',
  evidence: 'Baileys Socket/socket.ts (digestKeyBundle): without <digest> it uploads its keys again',
  answer: () => [element('digest')],
};
