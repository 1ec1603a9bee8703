import { randomInt } from 'node:crypto';
import { serverJid } from '../replies.ts';
import { type BinaryNode, element } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';

/** Tells a device that a collection of its account has another version. Source: whatsmeow notification.go. */
export function settingsChanged(collection: string, version: number): BinaryNode {
  const attributes = {
    from: serverJid,
    type: 'server_sync',
    id: String(randomInt(2 ** 47)),
    t: String(unixSeconds()),
  };
  return element('notification', attributes, [
    element('collection', { name: collection, version: String(version) }),
  ]);
}
