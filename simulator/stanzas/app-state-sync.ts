import { childrenOf, element, type IqHandler } from '../stanza.ts';

/** The changes made on other devices (archived, muted, pinned …): none, whatever version the client has. */
export const appStateSync: IqHandler = {
  kind: 'app-state-sync',
  xmlns: 'w:sync:app:state',
  type: 'set',
  child: 'sync',
  evidence:
    'Baileys Socket/chats.ts (resyncAppState): a collection that is not in the answer is asked for for ever',
  answer: ({ child }) => [
    element(
      'sync',
      {},
      childrenOf(child, 'collection').map(({ attrs: { name, version } }) =>
        element('collection', { name, version: version ?? '0' }),
      ),
    ),
  ],
};
