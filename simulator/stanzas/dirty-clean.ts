import type { IqHandler } from '../stanza.ts';

/** "I have fetched what you called dirty." */
export const dirtyClean: IqHandler = {
  kind: 'dirty-clean',
  xmlns: 'urn:xmpp:whatsapp:dirty',
  type: 'set',
  child: 'clean',
  evidence: 'whatsmeow appstate.go (MarkNotDirty); Baileys Socket/chats.ts (cleanDirtyBits)',
  answer: () => undefined,
};
