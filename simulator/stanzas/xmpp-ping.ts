import type { IqHandler } from '../stanza.ts';

/** The same question as `ping`, in the words of XMPP (XEP-0199). */
export const xmppPing: IqHandler = {
  kind: 'xmpp-ping',
  xmlns: 'urn:xmpp:ping',
  type: 'get',
  evidence: 'whatsmeow and zapo know it; Baileys sends w:p instead',
  answer: () => undefined,
};
