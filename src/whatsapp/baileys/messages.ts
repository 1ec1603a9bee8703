import type { MessageId, UserId } from '../../ids.ts';
import type { CallEvent, MessageEvent } from '../whatsapp.ts';

export const sendText = async (_to: UserId, _text: string): Promise<MessageId> => notYet();
export const markRead = async (_messages: readonly MessageEvent[]): Promise<void> => notYet();
export const rejectCall = async (_call: CallEvent): Promise<void> => notYet();

function notYet(): never {
  throw new Error('Messages are not there yet.');
}
