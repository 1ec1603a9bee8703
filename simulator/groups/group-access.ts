/** Who may do what in a group; what is not allowed is refused with a `StanzaError`. */
import { type IqRequest, StanzaError } from '../stanza.ts';
import type { Group } from './group-book.ts';

/** The group at this address; 404 when there is none (whatsmeow errors.go: ErrGroupNotFound). */
export function existingGroup({ world }: IqRequest, address: string | undefined): Group {
  const group = world.groups.group(address ?? '');
  if (!group) throw new StanzaError(404);
  return group;
}

/**
 * The group at this address (the one that the request goes to), as one of its members; 403 for others (whatsmeow
 * errors.go: ErrNotInGroup).
 */
export function groupOfMember(request: IqRequest, address = request.iq.attrs.to): Group {
  const group = existingGroup(request, address);
  if (!group.participants.has(request.account)) throw new StanzaError(403);
  return group;
}

/** The same, as one of its admins; `notAdminCode` for other members. */
export function groupOfAdmin(request: IqRequest): Group {
  const group = groupOfMember(request);
  if (!isAdmin(group, request)) throw new StanzaError(request.world.groups.notAdminCode);
  return group;
}

/**
 * The same, as someone who may change its subject, description, picture and message timer: every member, in a locked
 * group only admins. Whether only admins may send does not matter (Baileys README on "locked"; wwebjs PR 652).
 */
export function groupOfEditor(request: IqRequest, address = request.iq.attrs.to): Group {
  const group = groupOfMember(request, address);
  if (group.locked && !isAdmin(group, request)) throw new StanzaError(request.world.groups.notAdminCode);
  return group;
}

/**
 * The group that an invite code leads to; 406 for what is no such code, 410 for one that leads nowhere any more
 * (whatsmeow errors.go: ErrInviteLinkInvalid, ErrInviteLinkRevoked).
 */
export function invitingGroup({ world }: IqRequest, inviteCode: string): Group {
  if (!/^[A-Za-z0-9]{22}$/.test(inviteCode)) throw new StanzaError(406);
  const group = world.groups.groupInvitedBy(inviteCode);
  if (!group) throw new StanzaError(410);
  return group;
}

const isAdmin = (group: Group, { account }: IqRequest): boolean =>
  group.participants.get(account) !== 'member';
