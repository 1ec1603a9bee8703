import { isRealMessage, type WACallEvent, type WAMessage } from 'baileys';
import { callIdFrom, messageIdFrom, parseGroupId, parseUserId } from '../../ids.ts';
import type { CallEvent, Me, MessageEvent } from '../whatsapp.ts';

/**
 * What Baileys tells of a message, if it is one that somebody else wrote to us: not our own, no system message, no
 * reaction, nothing that could not be decrypted, no channel's. Newer and older ones alike: what came while we were away
 * is told as `append`, just as our own are.
 */
export function messageEventFrom(message: WAMessage, ours: Pick<Me, 'lid'>): MessageEvent | undefined {
  const { key, messageTimestamp, messageStubType } = message;
  if (key.fromMe || !key.id || messageStubType || !isRealMessage(message)) return undefined;
  if (message.message?.call) return undefined; // Baileys' own note of a call, which is told as such
  const chat = chatOf(key.remoteJid ?? '');
  const sender = parseUserId(key.participant || key.remoteJid || '');
  // Baileys knows our own status posts by our phone number only.
  if (!chat || !sender || sender === ours.lid) return undefined;
  return {
    type: 'message',
    id: messageIdFrom(key.id),
    chat,
    sender,
    at: new Date(Number(messageTimestamp) * 1_000),
  };
}

/** What Baileys tells of a call, if it is one that begins to ring, or did so while we were away. */
export function callEventFrom({
  status,
  id,
  from,
  groupJid,
  isVideo,
  date,
  offline,
}: WACallEvent): CallEvent | undefined {
  const caller = parseUserId(from);
  if (status !== 'offer' || !caller) return undefined;
  return {
    type: 'call',
    id: callIdFrom(id),
    from: caller,
    group: groupJid ? parseGroupId(groupJid) : undefined,
    isVideo: isVideo === true,
    at: date,
    isOver: offline,
  };
}

const chatOf = (jid: string): MessageEvent['chat'] | undefined => {
  if (jid === 'status@broadcast') return 'status';
  return jid.endsWith('@g.us') ? parseGroupId(jid) : parseUserId(jid);
};
