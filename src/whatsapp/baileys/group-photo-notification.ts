import type { BinaryNode } from 'baileys';
import { parseGroupId, parseUserId, pictureIdFrom } from '../../ids.ts';
import type { GroupPhotoEvent } from '../whatsapp.ts';

/**
 * Reads a `<notification type="picture">`; `undefined` for what does not say that a group's photo has changed: a person's
 * photo, the wish that we send ours again (`request`), a drawn avatar (`set_avatar`).
 *
 * Source: adiwajshing/Baileys PR 2197 (a capture); whatsmeow notification.go, handlePictureNotification; WhatsApp Web,
 * HandleProfilePicNotification (who is not in the address book is named by a `hash` instead of the `jid`).
 */
export function groupPhotoEventFrom(notification: BinaryNode): GroupPhotoEvent | undefined {
  const { from = '', t } = notification.attrs;
  const group = from.endsWith('@g.us') ? parseGroupId(from) : undefined;
  const change = changeIn(notification);
  if (!group || !change) return undefined;
  const { author, id } = change.attrs;
  if (change.tag !== 'delete' && !id) return undefined;
  return {
    type: 'group-photo',
    group,
    pictureId: change.tag === 'delete' || !id ? undefined : pictureIdFrom(id),
    author: author === undefined ? undefined : parseUserId(author),
    at: t !== undefined && /^\d+$/.test(t) ? new Date(Number(t) * 1_000) : new Date(),
  };
}

const changes = ['delete', 'set', 'add'];

const changeIn = (notification: BinaryNode): BinaryNode | undefined =>
  Array.isArray(notification.content)
    ? notification.content.find(({ tag }) => changes.includes(tag))
    : undefined;
