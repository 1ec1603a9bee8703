/**
 * A message that a phone writes. Phones have no client here that could encrypt: the devices get it as `<plaintext>`,
 * which Baileys takes from anyone.
 */
import { randomBytes } from 'node:crypto';
import { proto } from 'baileys';
import { element } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Account, World } from '../world.ts';
import type { Route } from './route.ts';

/** Sends it to everyone on the route, the author's own devices included. Gives the id of the message. */
export function writeAsPhone(
  world: World,
  author: Account,
  route: Route,
  content: string | proto.IMessage,
): string {
  const id = `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
  const message = typeof content === 'string' ? { conversation: content } : content;
  const plaintext = element('plaintext', {}, proto.Message.encode(message).finish());
  world.messages.add(id, author, route);
  for (const account of new Set(route.accounts)) {
    const attributes = {
      ...route.attributesFor(account),
      id,
      t: String(unixSeconds()),
      type: 'text',
      notify: author.name,
    };
    for (const device of account.devices.values()) {
      world.deliver(device, element('message', attributes, [plaintext]));
    }
  }
  return id;
}
