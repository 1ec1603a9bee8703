import { GatewayError } from '../../errors.ts';
import type { GroupId } from '../../ids.ts';
import { ownRole } from '../own-role.ts';
import type { Group, Me } from '../whatsapp.ts';
import { fetchGroup } from './groups.ts';
import { type Query, quickly } from './query.ts';

/** How we stand to a group; in a `locked` one, members that are no admins may change nothing. */
type GroupStanding = 'no-group' | 'stranger' | 'member' | 'member-of-locked' | 'admin' | 'unknown';

/**
 * Asks WhatsApp how we stand to a group: it answers 401, 403 and 404 each for more than one reason, and the group itself
 * tells which it is. Never rejects: what cannot be learnt, and soon, is `unknown`.
 */
export async function groupStanding(query: Query, me: Me, id: GroupId): Promise<GroupStanding> {
  try {
    return standingIn(await fetchGroup(quickly(query), id), me);
  } catch (error) {
    const told = error instanceof GatewayError && error.code;
    if (told === 'group_not_found') return 'no-group';
    return told === 'not_group_member' ? 'stranger' : 'unknown';
  }
}

function standingIn(group: Group, me: Me): GroupStanding {
  const role = ownRole(group, me);
  if (role) return role === 'member' ? (group.locked ? 'member-of-locked' : 'member') : 'admin';
  // Without our LID we do not recognise ourselves among people whose numbers WhatsApp keeps to itself.
  const isHidden = me.lid === undefined && group.participants.some(({ phone }) => phone === undefined);
  return isHidden ? 'unknown' : 'stranger';
}
