import { userIdOfPhone } from '../ids.ts';
import type { Group, GroupParticipant, Me } from './whatsapp.ts';

/** Our own role in a group; `undefined` when we are not in it. Groups name us by our number or by our LID. */
export function ownRole({ participants }: Group, me: Me): GroupParticipant['role'] | undefined {
  const ownByPhone = userIdOfPhone(me.phone);
  return participants.find(({ id, phone }) => id === me.lid || phone === ownByPhone)?.role;
}
