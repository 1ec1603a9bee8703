import { getBinaryNodeChild, S_WHATSAPP_NET } from 'baileys';
import { GatewayError } from '../../errors.ts';
import { type GroupId, type PictureId, pictureIdFrom, userIdOfPhone } from '../../ids.ts';
import type { Me } from '../whatsapp.ts';
import { fetchGroup } from './groups.ts';
import type { Query } from './query.ts';
import { failure, groupFailure, Refusal } from './refusal.ts';

const whenUnknown = 'Repeating the request is safe: it sets the same picture again.';

/**
 * Sets the photo of a group. Success is a picture id in WhatsApp's answer and nothing less: Baileys'
 * `updateProfilePicture` also resolves when WhatsApp never answered, or answered with an error inside `<picture>`.
 *
 * Errors: `picture_refused`, `not_group_admin`, `not_group_member`, `group_not_found`, `whatsapp_rate_limited`,
 * `whatsapp_unavailable`, `whatsapp_refused`, `whatsapp_timeout`, `not_connected`.
 * Source: whatsmeow group.go, SetGroupPhoto.
 */
export async function setGroupPhoto(
  query: Query,
  me: Me,
  group: GroupId,
  jpeg: Uint8Array,
): Promise<PictureId> {
  try {
    const answer = await query(
      {
        attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'w:profile:picture', target: group },
        content: [{ tag: 'picture', attrs: { type: 'image' }, content: jpeg }],
      },
      whenUnknown,
    );
    const picture = getBinaryNodeChild(answer, 'picture');
    const error = picture && getBinaryNodeChild(picture, 'error');
    if (error) throw new Refusal(error);
    const id = picture?.attrs.id;
    if (!id) {
      throw new GatewayError('whatsapp_timeout', {
        message: `WhatsApp answered without confirming a picture, so the outcome is unknown. ${whenUnknown}`,
      });
    }
    return pictureIdFrom(id);
  } catch (error) {
    throw error instanceof Refusal ? await photoFailure(query, me, group, error) : error;
  }
}

async function photoFailure(query: Query, me: Me, group: GroupId, refusal: Refusal): Promise<unknown> {
  switch (refusal.code) {
    case 406:
      return failure('picture_refused', refusal);
    case 401:
    case 403:
      return whyNotAllowed(query, me, group, refusal);
    default:
      return groupFailure(refusal);
  }
}

/** WhatsApp uses both 401 and 403 for "not a member" and for "not an admin"; the group itself tells which it is. */
async function whyNotAllowed(query: Query, me: Me, group: GroupId, refusal: Refusal): Promise<unknown> {
  try {
    const { participants } = await fetchGroup(query, group);
    const ownByPhone = userIdOfPhone(me.phone);
    const own = participants.find(({ id, phone }) => id === me.lid || phone === ownByPhone);
    if (!own) return failure('not_group_member', refusal);
    return failure(own.role === 'member' ? 'not_group_admin' : 'whatsapp_refused', refusal);
  } catch (error) {
    const told = error instanceof GatewayError && error.code;
    if (told === 'not_group_member' || told === 'group_not_found') return failure(told, refusal);
    // Only the reason is in doubt, not the refusal: without the group, the code alone has to do.
    return groupFailure(refusal);
  }
}
