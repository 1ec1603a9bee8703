/**
 * Brings a receipt to the author of the message. What it is about: `to` and `participant` name the author as the
 * message did. Sources: Baileys Socket/messages-send.ts (sendReceipt) and Socket/messages-recv.ts (handleReceipt);
 * whatsmeow receipt.go, retry.go.
 */
import { deviceAddress, deviceAt } from '../addresses.ts';
import { type BinaryNode, childOf, childrenOf, element } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Device, World } from '../world.ts';

/** Those that are between a device and WhatsApp, or its own phone. */
const privateTypes = new Set(['sender', 'read-self', 'played-self', 'peer_msg', 'hist_sync', 'server-error']);

/** All messages that a receipt is for. */
const idsIn = (receipt: BinaryNode): string[] => [
  receipt.attrs.id ?? '',
  ...childrenOf(childOf(receipt, 'list'), 'item').map(({ attrs }) => attrs.id ?? ''),
];

export function relayReceipt(world: World, reader: Device, receipt: BinaryNode): void {
  const { id, to = '', participant, recipient, type = 'delivered' } = receipt.attrs;
  const authorAddress = participant ?? to;
  const author = world.account(authorAddress);
  if (!author) return;
  for (const id of idsIn(receipt)) {
    world.messages.addReceipt({ id, type, by: reader.account, device: reader.id, to: author });
  }
  if (privateTypes.has(type)) return;

  const isRetry = type === 'retry';
  const own = reader.account[authorAddress.endsWith('@lid') ? 'lid' : 'pn'];
  // Baileys takes `from` for the chat, so it has a device only where one is asked for.
  const from = isRetry ? deviceAddress(own, reader.id) : own;
  const attributes = {
    id,
    t: String(unixSeconds()),
    // That a device is not looked at is of no interest to others: a guess.
    type: type === 'delivered' || type === 'inactive' ? undefined : type,
    ...(participant === undefined ? { from, recipient } : { from: to, participant: from }),
  };
  const asked = isRetry ? [deviceAt(world, authorAddress)] : [...author.devices.values()];
  for (const device of asked) {
    if (device) world.deliver(device, element('receipt', attributes, childrenOf(receipt)));
  }
}
