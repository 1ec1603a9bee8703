import { element, type IqHandler } from '../stanza.ts';

/** The names of the settings, as whatsmeow types/user.go lists them. */
const categories = ['groupadd', 'last', 'status', 'profile', 'readreceipts', 'online', 'calladd'];

/** Who may see and do what: everyone, everything, but for what the account has chosen. */
export const privacy: IqHandler = {
  kind: 'privacy',
  xmlns: 'privacy',
  type: 'get',
  child: 'privacy',
  evidence: 'whatsmeow privacysettings.go; Baileys Socket/chats.ts (fetchPrivacySettings)',
  answer: ({ account }) => [
    element(
      'privacy',
      {},
      categories.map((name) =>
        element('category', { name, value: name === 'readreceipts' ? account.readReceipts : 'all' }),
      ),
    ),
  ],
};
