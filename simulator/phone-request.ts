/** A request from the phone itself: it has no connection here, but the same rights and the same consequences. */
import { type BinaryNode, childrenOf, type IqRequest } from './stanza.ts';
import type { Account, World } from './world.ts';

export function phoneRequest(world: World, account: Account, iq: BinaryNode): IqRequest {
  return {
    iq,
    child: childrenOf(iq)[0],
    account,
    device: {
      account,
      id: 0,
      keyIndex: 0,
      noiseKey: Buffer.alloc(0),
      get keys() {
        return account.keys;
      },
      awaitsHistory: false,
      link: undefined,
      queue: [],
    },
    world,
    notify: (accounts, stanza) => world.deliverTo(accounts, stanza),
    afterwards: (action) => action(),
  };
}
