import { element, type IqHandler } from '../stanza.ts';

/** Whom the account has blocked: nobody. */
export const blocklist: IqHandler = {
  kind: 'blocklist',
  xmlns: 'blocklist',
  type: 'get',
  evidence: 'Baileys Socket/chats.ts (fetchBlocklist); whatsmeow privacysettings.go (GetBlocklist)',
  answer: () => [element('list')],
};
