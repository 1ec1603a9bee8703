import { GatewayError } from '../../errors.ts';
import type { GroupId, PictureId } from '../../ids.ts';
import type { Me, PhotoSize, RemotePhoto } from '../whatsapp.ts';
import { groupStanding } from './group-standing.ts';
import { getPicture, removePicture, setPicture } from './picture.ts';
import { type Query, quickly } from './query.ts';
import { failure, groupFailure, Refusal } from './refusal.ts';

/** Whose photo it is, who asks, and how. */
interface Subject {
  readonly query: Query;
  readonly me: Me;
  readonly group: GroupId;
}

/**
 * Sets the photo of a group, see `setPicture`.
 *
 * Errors: `picture_refused`, `not_group_admin`, `not_group_member`, `group_not_found`, `whatsapp_rate_limited`,
 * `whatsapp_unavailable`, `whatsapp_refused`, `whatsapp_timeout`, `not_connected`.
 */
export async function setGroupPhoto(subject: Subject, jpeg: Uint8Array): Promise<PictureId> {
  try {
    return await setPicture(subject.query, subject.group, jpeg);
  } catch (error) {
    throw error instanceof Refusal ? await changeFailure(subject, error) : error;
  }
}

/**
 * Removes the photo of a group, if it has one.
 *
 * Errors: as `setGroupPhoto`, but for `picture_refused`.
 */
export async function removeGroupPhoto(subject: Subject): Promise<void> {
  try {
    await removePicture(subject.query, subject.group);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const reason = await changeFailure(subject, error);
    const isUnexplained = reason instanceof GatewayError && reason.code === 'whatsapp_refused';
    // It could not be settled whether WhatsApp answers so when there is nothing to remove, which would be no failure.
    if (error.code === 404 && isUnexplained && (await showsNone(subject))) return;
    throw reason;
  }
}

const showsNone = ({ query, ...subject }: Subject): Promise<boolean> =>
  groupPhoto({ ...subject, query: quickly(query) }, 'preview').then(
    (photo) => photo === undefined,
    () => false, // the refusal is all there is to tell
  );

/**
 * The photo that a group shows; `undefined` when it has none, for which WhatsApp has many words: 404, as an error or
 * inside a result, status 204, and a result without a picture.
 *
 * Errors: `not_group_member`, `group_not_found`, `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_refused`,
 * `whatsapp_timeout`, `not_connected`.
 */
export async function groupPhoto(subject: Subject, size: PhotoSize): Promise<RemotePhoto | undefined> {
  try {
    return await getPicture(subject.query, subject.group, size);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const reason = await readFailure(subject, error);
    if (reason) throw reason;
    return undefined;
  }
}

/** Why a photo could not be set or removed. */
async function changeFailure({ query, me, group }: Subject, refusal: Refusal): Promise<unknown> {
  if (refusal.code === 406) return failure('picture_refused', refusal);
  if (!hasManyReasons(refusal)) return groupFailure(refusal);
  switch (await groupStanding(query, me, group)) {
    case 'no-group':
      return failure('group_not_found', refusal);
    case 'stranger':
      return failure('not_group_member', refusal);
    case 'member-of-locked':
      return failure('not_group_admin', refusal);
    case 'member':
      return refusal.code === 404
        ? unexplained(refusal, 'change the photo of this group')
        : failure('not_group_admin', refusal);
    case 'admin':
      return unexplained(refusal, 'change the photo of this group');
    case 'unknown':
      // Only the reason is in doubt, not the refusal: the code alone has to do.
      return groupFailure(refusal);
  }
}

/** Why a photo could not be read; `undefined` when it is because there is none. */
async function readFailure({ query, me, group }: Subject, refusal: Refusal): Promise<unknown> {
  if (!hasManyReasons(refusal)) return groupFailure(refusal);
  switch (await groupStanding(query, me, group)) {
    case 'no-group':
      return failure('group_not_found', refusal);
    case 'stranger':
      return failure('not_group_member', refusal);
    case 'unknown':
      // Every member may look, so who may not is none.
      return refusal.code === 404 ? undefined : failure('not_group_member', refusal);
    default:
      return refusal.code === 404 ? undefined : unexplained(refusal, 'see the photo of this group');
  }
}

/** A refusal of what we may do as far as the group tells. */
const unexplained = (refusal: Refusal, what: string): GatewayError =>
  failure(
    'whatsapp_refused',
    refusal,
    `WhatsApp refused the request with its code ${refusal.code}, although the connected number may ${what}. Try again later; if it goes on, look at the phone whether this account still may.`,
  );

/** WhatsApp uses these codes for "no such group", "not a member", "not an admin" and "no picture" alike. */
const hasManyReasons = ({ code }: Refusal): boolean => code === 401 || code === 403 || code === 404;
