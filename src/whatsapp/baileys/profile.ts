import { type PictureId, userIdOfPhone } from '../../ids.ts';
import type { Me, Profile } from '../whatsapp.ts';
import { fetchAbout } from './about.ts';
import { getPicture, setPicture } from './picture.ts';
import type { Query } from './query.ts';
import { accountFailure, failure, Refusal } from './refusal.ts';

/**
 * What the account shows of itself.
 *
 * Errors: `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_refused`, `whatsapp_timeout`, `not_connected`.
 */
export async function fetchProfile(query: Query, me: Me): Promise<Profile> {
  const user = userIdOfPhone(me.phone);
  const [about, photoUrl] = await Promise.all([fetchAbout(query, user), fetchPhotoUrl(query, me)]);
  return { about, photoUrl };
}

async function fetchPhotoUrl(query: Query, me: Me): Promise<string | undefined> {
  try {
    const photo = await getPicture(query, userIdOfPhone(me.phone), 'full');
    return typeof photo?.source === 'string' ? photo.source : undefined;
  } catch (error) {
    // 404: none; 401: not for us to see (whatsmeow user.go, GetProfilePictureInfo).
    if (error instanceof Refusal && (error.code === 404 || error.code === 401)) return undefined;
    throw accountFailure(error);
  }
}

/**
 * Gives the account another photo, see `setPicture`.
 *
 * Errors: `picture_refused`, `whatsapp_rate_limited`, `whatsapp_unavailable`, `whatsapp_refused`, `whatsapp_timeout`,
 * `not_connected`.
 */
export async function setProfilePhoto(query: Query, jpeg: Uint8Array): Promise<PictureId> {
  try {
    return await setPicture(query, undefined, jpeg);
  } catch (error) {
    if (error instanceof Refusal && error.code === 406) throw failure('picture_refused', error);
    throw accountFailure(error);
  }
}
