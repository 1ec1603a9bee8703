import { collectionElement } from '../profile/collection-element.ts';
import { childrenOf, element, type IqHandler } from '../stanza.ts';

/**
 * `<collection name version/>`: what other devices changed after this version of the settings that all share →
 * `<collection name version [has_more_patches]><patches>…</patches></collection>`. Snapshots are never sent: they are
 * downloaded from WhatsApp's own file servers, which are not simulated.
 */
export const appStateSync: IqHandler = {
  kind: 'app-state-sync',
  xmlns: 'w:sync:app:state',
  type: 'set',
  child: 'sync',
  evidence:
    'whatsmeow appstate.go fetchAppStatePatches; Baileys Socket/chats.ts (resyncAppState): a collection that is not in the answer is asked for for ever',

  async answer({ child, account }) {
    const collections = childrenOf(child, 'collection').map(({ attrs: { name = '', version = '0' } }) =>
      collectionElement(account, name, Number(version)),
    );
    return [element('sync', {}, await Promise.all(collections))];
  },
};
