import { proto } from 'baileys';
import { type BinaryNode, element } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Account } from '../world.ts';

/** What a phone says to a linked device of its own: as `<plaintext>`, which Baileys takes from anyone. */
export function peerMessage(
  { pn }: Account,
  id: string,
  protocolMessage: proto.Message.IProtocolMessage,
): BinaryNode {
  const attributes = { from: pn, category: 'peer', type: 'text', id, t: String(unixSeconds()) };
  const plaintext = element('plaintext', {}, proto.Message.encode({ protocolMessage }).finish());
  return element('message', attributes, [plaintext]);
}
