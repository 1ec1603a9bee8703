import type { IqHandler } from '../stanza.ts';

/** A token for a contact, which lets that contact see and write; nothing is closed to anyone here. */
export const privacyTokens: IqHandler = {
  kind: 'privacy-tokens',
  xmlns: 'privacy',
  type: 'set',
  child: 'tokens',
  evidence: 'Baileys Utils/tc-token-utils.ts, sent after the first message to someone',
  answer: () => undefined,
};
