import { collectionElement } from '../profile/collection-element.ts';
import { settingsChanged } from '../profile/settings-changed.ts';
import {
  type BinaryNode,
  bytesOf,
  childOf,
  childrenOf,
  element,
  type IqHandler,
  type IqRequest,
} from '../stanza.ts';

/**
 * `<collection name version><patch>…</patch></collection>`: a change of the settings that all devices of the account
 * share → the collection with its new version; with `type="error"`, `<error code="409"/>` and what is new in it when
 * another device was faster. The other devices of the account hear of a change.
 */
export const appStatePatch: IqHandler = {
  kind: 'app-state-patch',
  xmlns: 'w:sync:app:state',
  type: 'set',
  child: 'sync',
  fits: ({ child }) => childrenOf(child, 'collection').some((collection) => childOf(collection, 'patch')),
  evidence: 'whatsmeow appstate.go sendAppState; Baileys Socket/chats.ts appPatch',

  async answer(request) {
    const answers: BinaryNode[] = [];
    for (const collection of childrenOf(request.child, 'collection')) {
      answers.push(await patched(request, collection));
    }
    return [element('sync', {}, answers)];
  },
};

async function patched(request: IqRequest, collection: BinaryNode): Promise<BinaryNode> {
  const { account, device, world } = request;
  const name = collection.attrs.name ?? '';
  const version = Number(collection.attrs.version ?? 0);
  if (!(await account.appState.push(name, version, bytesOf(childOf(collection, 'patch'))))) {
    const conflict = element('error', { code: '409', text: 'conflict' });
    return collectionElement(account, name, version, conflict);
  }
  request.afterwards(() => {
    const change = settingsChanged(name, version + 1);
    for (const other of account.devices.values()) if (other !== device) world.deliver(other, change);
  });
  return element('collection', { name, version: String(version + 1) });
}
