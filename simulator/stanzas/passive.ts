import type { IqHandler } from '../stanza.ts';

/** "Treat me as active" or as passive; Baileys waits for the answer before it opens. */
export const passive: IqHandler = {
  kind: 'passive',
  xmlns: 'passive',
  type: 'set',
  evidence: 'whatsmeow connectionevents.go (SetPassive); Baileys Socket/socket.ts (sendPassiveIq)',
  answer: () => undefined,
};
