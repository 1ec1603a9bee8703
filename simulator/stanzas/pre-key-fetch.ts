import { signalKeyElements } from '../signal-keys.ts';
import { type BinaryNode, childrenOf, element, type IqHandler } from '../stanza.ts';
import type { World } from '../world.ts';

/** The keys of the devices one wants to write to; every one-time key is given away once. */
export const preKeyFetch: IqHandler = {
  kind: 'pre-key-fetch',
  xmlns: 'encrypt',
  type: 'get',
  child: 'key',
  evidence: 'whatsmeow prekeys.go (fetchPreKeys); Baileys Utils/signal.ts (parseAndInjectE2ESessions)',
  answer: ({ child, world }) => [
    element(
      'list',
      {},
      childrenOf(child, 'user').map(({ attrs }) => keysOf(world, attrs.jid ?? '')),
    ),
  ],
};

/** An unknown device is an error of its own entry; Baileys then gives up the whole message. */
function keysOf(world: World, jid: string): BinaryNode {
  const account = world.account(jid);
  const deviceId = Number(/:(\d+)@/.exec(jid)?.[1] ?? 0);
  if (account && deviceId === 0) return element('user', { jid }, signalKeyElements(account.keys));
  const device = account?.devices.get(deviceId);
  if (!device) return element('user', { jid }, [element('error', { code: '404', text: 'item-not-found' })]);
  const elements = signalKeyElements(device.keys);
  device.keys = { ...device.keys, oneTimePreKeys: device.keys.oneTimePreKeys.slice(1) };
  return element('user', { jid }, elements);
}
