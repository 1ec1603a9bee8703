import { randomBytes } from 'node:crypto';
import { type BinaryNode, generateMessageIDV2, S_WHATSAPP_NET, type WASocket } from 'baileys';
import { GatewayError } from '../../errors.ts';
import { type MessageId, messageIdFrom, type UserId } from '../../ids.ts';
import type { CallEvent, MessageEvent } from '../whatsapp.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Query } from './query.ts';
import { accountFailure, failure, Refusal } from './refusal.ts';
import type { SentMessages } from './sent-messages.ts';

type Socket = Pick<WASocket, 'user' | 'relayMessage' | 'sendReceipts' | 'sendNode' | 'generateMessageTag'>;

interface Sender {
  readonly socket: Socket;
  readonly acknowledgements: Acknowledgements;
}

/**
 * Sends a text to a person; resolves when WhatsApp has taken it, with the id that it goes under.
 *
 * Errors: `whatsapp_refused`, `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_timeout`, `not_connected`.
 * Source: whatsmeow send.go (SendMessage), which waits for the acknowledgement as well.
 */
export async function sendText(
  { socket, acknowledgements, sent }: Sender & { readonly sent: SentMessages },
  to: UserId,
  text: string,
): Promise<MessageId> {
  const id = generateMessageIDV2(socket.user?.id);
  const message = { conversation: text, messageContextInfo: { messageSecret: randomBytes(32) } };
  // Before it is sent: who cannot decrypt it asks at once.
  sent.add(id, message);
  try {
    await acknowledgements.of({
      kind: 'message',
      id,
      send: () => socket.relayMessage(to, message, { messageId: id }),
      whenUnknown: 'Look whether it has arrived before sending it again.',
    });
  } catch (error) {
    throw sendFailure(error);
  }
  return messageIdFrom(id);
}

function sendFailure(error: unknown): unknown {
  if (error instanceof GatewayError) return error;
  const refusal = error instanceof Refusal ? error : refusalOfRequest(error);
  if (refusal?.code === 463) {
    // Baileys Utils/decode-wa-message.ts: an account under restriction may not begin new chats.
    return failure(
      'whatsapp_refused',
      refusal,
      'WhatsApp does not let this account write to people who have not written to it. Wait until they do.',
    );
  }
  if (refusal) return accountFailure(refusal);
  return new GatewayError('whatsapp_refused', {
    message: 'The message could not be encrypted for this number. Check that it is on WhatsApp.',
    cause: error,
  });
}

/** WhatsApp's no to one of the requests that Baileys makes before it sends: it stands as `data` in Baileys' error. */
function refusalOfRequest(error: unknown): Refusal | undefined {
  const code = error instanceof Error && 'data' in error ? error.data : undefined;
  if (typeof code !== 'number') return undefined;
  const text = error instanceof Error ? error.message : '';
  return new Refusal({ tag: 'error', attrs: { code: String(code), text } });
}

/**
 * Tells the senders that these messages were read; with read receipts switched off, only our own other devices.
 * Resolves when that is written: WhatsApp says nothing about it that could be waited for.
 *
 * Errors: `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_refused`, `whatsapp_timeout`, `not_connected`.
 * Source: Baileys Socket/messages-send.ts (readMessages, sendReceipts), whatsmeow receipt.go (MarkRead).
 */
export async function markRead(
  { socket, readReceipts }: { readonly socket: Socket; readonly readReceipts: ReadReceipts },
  messages: readonly MessageEvent[],
): Promise<void> {
  const type = (await readReceipts.areSent()) ? 'read' : 'read-self';
  const keys = messages.map(({ id, chat, sender }) => ({
    id,
    remoteJid: chat === 'status' ? 'status@broadcast' : chat,
    ...(chat !== sender && { participant: sender }),
    fromMe: false,
  }));
  try {
    await socket.sendReceipts(keys, type);
  } catch (error) {
    // Nothing but the connection stands in the way of writing.
    throw new GatewayError('not_connected', { retryAfterSeconds: 1, cause: error });
  }
}

/** Whether the account lets others know what it has read; asked once, and again after its settings have changed. */
export class ReadReceipts {
  readonly #query: Query;
  #areSent: Promise<boolean> | undefined;

  constructor(socket: Pick<WASocket, 'ws'>, query: Query) {
    this.#query = query;
    socket.ws.on('CB:notification,type:account_sync', () => {
      this.#areSent = undefined;
    });
  }

  /** Errors: those of a request, see `accountFailure`. */
  areSent(): Promise<boolean> {
    this.#areSent ??= this.#ask().catch((error) => {
      this.#areSent = undefined;
      throw accountFailure(error);
    });
    return this.#areSent;
  }

  async #ask(): Promise<boolean> {
    const answer = await this.#query({
      attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'privacy' },
      content: [{ tag: 'privacy', attrs: {} }],
    });
    const children = (node: BinaryNode | undefined) => (Array.isArray(node?.content) ? node.content : []);
    const settings = children(children(answer).find(({ tag }) => tag === 'privacy'));
    return settings.some(({ attrs }) => attrs.name === 'readreceipts' && attrs.value === 'all');
  }
}

/**
 * Rejects a call; resolves when WhatsApp has taken it.
 *
 * Errors: `whatsapp_refused`, `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_timeout`, `not_connected`.
 * Source: whatsmeow call.go (RejectCall).
 */
export async function rejectCall(
  { socket, acknowledgements }: Sender,
  { id: callId, from }: CallEvent,
): Promise<void> {
  const id = socket.generateMessageTag();
  const rejection = { 'call-id': callId, 'call-creator': from, count: '0' };
  const stanza = {
    tag: 'call',
    attrs: { id, from: (socket.user?.id ?? '').replace(/:\d+@/, '@'), to: from },
    content: [{ tag: 'reject', attrs: rejection }],
  };
  try {
    await acknowledgements.of({
      kind: 'call',
      id,
      send: () => socket.sendNode(stanza),
      whenUnknown: 'The call may go on ringing.',
    });
  } catch (error) {
    throw accountFailure(error);
  }
}
