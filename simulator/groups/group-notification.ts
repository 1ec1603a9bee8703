/** How a group's members hear of a change. Whoever made it hears of it too, on all devices. */
import { randomInt } from 'node:crypto';
import { type BinaryNode, element, type IqRequest } from '../stanza.ts';
import type { Account } from '../world.ts';
import type { Group } from './group-book.ts';
import { addressIn, groupAddress, groupNode, phoneBeside } from './group-node.ts';

/**
 * Tells all members that the requesting account did `change`; `alsoTell` are those whom the change made leave.
 *
 * `<notification from type="w:gp2" id t participant [participant_pn] addressing_mode notify>` + the change, as Baileys
 * Socket/messages-recv.ts (handleGroupNotification) and whatsmeow notification.go read it.
 */
export function tellMembers(
  request: IqRequest,
  group: Group,
  change: BinaryNode,
  alsoTell: Iterable<Account> = [],
): void {
  tellAccounts(request, group, change, [...group.participants.keys(), ...alsoTell]);
}

/** Tells only those who may act on it. */
export function tellAdmins(request: IqRequest, group: Group, change: BinaryNode): void {
  const admins = [...group.participants].filter(([, role]) => role !== 'member');
  tellAccounts(
    request,
    group,
    change,
    admins.map(([account]) => account),
  );
}

function tellAccounts(request: IqRequest, group: Group, change: BinaryNode, accounts: Account[]): void {
  const { account, notify } = request;
  const actor = { participant: addressIn(group, account), participant_pn: phoneBeside(group, account) };
  const attributes = { type: 'w:gp2', ...actor, addressing_mode: group.addressingMode };
  notify(
    accounts,
    element('notification', { ...notificationBasics(request, group), ...attributes }, [change]),
  );
}

/** Tells all members that they are in a new group; `key` is what its founder's client calls the request. */
export function tellOfNewGroup(request: IqRequest, group: Group, key?: string): void {
  tellMembers(request, group, element('create', { type: 'new', key }, [groupNode(group)]));
}

/**
 * Tells all members of a new picture (`id`), or of its removal (none).
 *
 * `<notification from type="picture" id t notify><set jid author id/></notification>`, without the `participant` of
 * other changes: captured in adiwajshing/Baileys PR 2197. The author as a LID in LID groups is a guess: the captures
 * are of PN groups.
 */
export function tellMembersOfPicture(request: IqRequest, group: Group, id: string | undefined): void {
  const change = element(id === undefined ? 'delete' : 'set', {
    jid: groupAddress(group),
    author: addressIn(group, request.account),
    id,
  });
  request.notify(
    [...group.participants.keys()],
    element('notification', { ...notificationBasics(request, group), type: 'picture' }, [change]),
  );
}

const notificationBasics = ({ account, world }: IqRequest, group: Group) => ({
  from: groupAddress(group),
  id: String(randomInt(2 ** 47)),
  t: String(world.groups.now()),
  notify: account.name,
});
