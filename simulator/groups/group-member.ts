/** For tests: somebody in a group, with a real Baileys client, and everything that the wire brings to it. */
import { type AuthenticationState, getBinaryNodeChild, type WAMessage, type WASocket } from 'baileys';
import { type BaileysClient, connectClient, pairClient } from '../baileys-client.ts';
import type { Phone } from '../phone.ts';
import { serverJid } from '../replies.ts';
import type { Simulator } from '../simulator.ts';
import type { BinaryNode } from '../stanza.ts';

export interface GroupMember extends AsyncDisposable {
  readonly phone: Phone;
  readonly client: BaileysClient;
  readonly sock: WASocket;
  /** Every stanza that came since it was online, oldest first. */
  readonly received: readonly BinaryNode[];
  /** The notifications about groups and pictures among them, after everything has come that was sent until now. */
  notifications(): Promise<BinaryNode[]>;
  /** The first message that fits, a system message included; Baileys may hand over several in one event. */
  message(fits: (message: WAMessage) => boolean): Promise<WAMessage>;
  /**
   * Sets a group's picture, as Baileys does but with an answer that counts: its id. Rejects with the code as `data`.
   */
  setPicture(groupAddress: string, jpeg: Uint8Array): Promise<string | undefined>;
  /** Asks or tells the server anything: `<iq type xmlns …attributes>` with this content. Gives the whole answer. */
  query(attributes: BinaryNode['attrs'], content?: BinaryNode[]): Promise<BinaryNode>;
}

const answerTimeoutMs = 3_000;

/**
 * Somebody who links a client to their phone, or comes back with the one that `auth` belongs to; resolves when online.
 */
export async function onlineMember(
  simulator: Simulator,
  phone: Phone,
  auth?: AuthenticationState,
): Promise<GroupMember> {
  const client = auth ? connectClient(simulator, { auth }) : await pairClient(simulator, phone);
  const received: BinaryNode[] = [];
  client.sock.ws.on('frame', (stanza: BinaryNode) => received.push(stanza));
  await client.event('connection.update', ({ connection }) => connection === 'open');

  const query: GroupMember['query'] = (attributes, content) =>
    client.sock.query({ tag: 'iq', attrs: { to: serverJid, ...attributes }, content }, answerTimeoutMs);

  return {
    phone,
    client,
    sock: client.sock,
    received,
    query,
    async notifications() {
      // Stanzas come in the order in which they were sent: once this is answered, the ones before are here.
      await query({ type: 'get', xmlns: 'w:p' }, [{ tag: 'ping', attrs: {} }]);
      return received.filter(
        ({ tag, attrs }) => tag === 'notification' && (attrs.type === 'picture' || attrs.type === 'w:gp2'),
      );
    },
    async message(fits) {
      const { messages } = await client.event('messages.upsert', ({ messages }) => messages.some(fits));
      const [message] = messages.filter(fits);
      if (!message) throw new Error('The event that was waited for has no such message');
      return message;
    },
    async setPicture(groupAddress, jpeg) {
      const picture = { tag: 'picture', attrs: { type: 'image' }, content: jpeg };
      const request = { type: 'set', xmlns: 'w:profile:picture', target: groupAddress };
      return getBinaryNodeChild(await query(request, [picture]), 'picture')?.attrs.id;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
