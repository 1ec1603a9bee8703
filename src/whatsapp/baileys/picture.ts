import { type BinaryNode, getBinaryNodeChild, S_WHATSAPP_NET } from 'baileys';
import { GatewayError } from '../../errors.ts';
import { type GroupId, type PictureId, pictureIdFrom, type UserId } from '../../ids.ts';
import type { PhotoSize, RemotePhoto } from '../whatsapp.ts';
import { type Query, repeatable } from './query.ts';
import { Refusal } from './refusal.ts';

/** Whose picture it is; `undefined` is ours, which WhatsApp lets change only without naming us (openclaw/wacli PR 198). */
type PictureTarget = GroupId | UserId | undefined;

const repeatableSet = 'Repeating the request is safe: it sets the same picture again.';

/**
 * Sets a picture. Success is a picture id in WhatsApp's answer and nothing less: Baileys' `updateProfilePicture` also
 * resolves when WhatsApp never answered, or answered with an error inside `<picture>`.
 *
 * Errors: `Refusal`, and those of `Query`; `whatsapp_timeout` also when WhatsApp answered without an id.
 * Source: whatsmeow group.go, SetGroupPhoto.
 */
export async function setPicture(query: Query, target: PictureTarget, jpeg: Uint8Array): Promise<PictureId> {
  const content = [{ tag: 'picture', attrs: { type: 'image' }, content: jpeg }];
  const picture = await pictureIn(ask(query, { type: 'set', target, content }, repeatableSet));
  if (picture?.attrs.id) return pictureIdFrom(picture.attrs.id);
  throw new GatewayError('whatsapp_timeout', {
    message: `WhatsApp answered without confirming a picture, so the outcome is unknown. ${repeatableSet}`,
  });
}

/**
 * Removes a picture, if there is one. Success is a result without an error in it.
 *
 * Errors: `Refusal`, and those of `Query`.
 * Source: Baileys Socket/chats.ts, removeProfilePicture; whatsmeow group.go, SetGroupPhoto without bytes.
 */
export async function removePicture(query: Query, target: PictureTarget): Promise<void> {
  await pictureIn(ask(query, { type: 'set', target }, repeatable));
}

/**
 * A picture as it is now; `undefined` where WhatsApp says by a result that there is none. It says so by a refusal (404)
 * as well, which has other meanings, too.
 *
 * Errors: `Refusal`, and those of `Query`; `whatsapp_refused` when the answer holds the picture in no known form.
 * Source: whatsmeow user.go, GetProfilePictureInfo; WhatsApp Web, GetResponseSuccessPictureURL; whatsapp-rust
 * wacore/src/iq/contacts.rs (the error inside a result).
 */
export async function getPicture(
  query: Query,
  target: GroupId | UserId,
  size: PhotoSize,
): Promise<RemotePhoto | undefined> {
  const type = size === 'full' ? 'image' : 'preview';
  const content = [{ tag: 'picture', attrs: { type, query: 'url' } }];
  const picture = await pictureIn(ask(query, { type: 'get', target, content }));
  return picture && picture.attrs.status !== '204' ? photoFrom(picture) : undefined;
}

const ask = (
  query: Query,
  { type, target, content }: { type: 'get' | 'set'; target: PictureTarget; content?: BinaryNode[] },
  whenUnknown?: string,
): Promise<BinaryNode> =>
  query(
    {
      attrs: { to: S_WHATSAPP_NET, type, xmlns: 'w:profile:picture', ...(target && { target }) },
      ...(content && { content }),
    },
    whenUnknown,
  );

/** The `<picture>` in an answer, if there is one. Rejects with the `Refusal` in it: the answer calls itself a result. */
async function pictureIn(answering: Promise<BinaryNode>): Promise<BinaryNode | undefined> {
  const picture = getBinaryNodeChild(await answering, 'picture');
  const error = picture && getBinaryNodeChild(picture, 'error');
  if (error) throw new Refusal(error);
  return picture;
}

function photoFrom({ attrs: { id, url }, content }: BinaryNode): RemotePhoto {
  const source = url ?? (content instanceof Uint8Array ? content : undefined);
  if (id && source?.length) return { id: pictureIdFrom(id), source };
  throw new GatewayError('whatsapp_refused', {
    message: "WhatsApp's answer does not contain the photo in a form that is known here.",
  });
}
