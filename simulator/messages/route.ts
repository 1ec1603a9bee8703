/**
 * Where messages go, and how each receiver is told who wrote them, in which chat.
 * Sources: Baileys Utils/decode-wa-message.ts; whatsmeow message.go.
 */
import { deviceAddress } from '../addresses.ts';
import type { Group } from '../groups/group-book.ts';
import { addressIn, groupAddress, phoneBeside } from '../groups/group-node.ts';
import type { Account } from '../world.ts';

export type Attributes = Readonly<Record<string, string | undefined>>;

/** Where a message goes. */
export interface Route {
  /** The chat as all may call it: a person's PN, a group's address, or `status@broadcast`. */
  readonly chat: string;
  /** Everyone it is for, its author's account included. */
  readonly accounts: readonly Account[];
  /** The attributes of the copies for this account: from whom, in which chat. */
  attributesFor(account: Account): Attributes;
}

/** The chat in which status posts are. */
export const statusAddress = 'status@broadcast';

/** To a person, under the PN or the LID: the author shows the same kind of address, and the other one beside it. */
export function routeToPerson(person: Account, author: Account, deviceId: number, mode: 'pn' | 'lid'): Route {
  const beside = mode === 'lid' ? 'pn' : 'lid';
  const from = deviceAddress(author[mode], deviceId);
  return {
    chat: person.pn,
    accounts: [person, author],
    attributesFor: (account) =>
      account === author
        ? { from, recipient: person[mode], [`recipient_${beside}`]: person[beside] }
        : { from, [`sender_${beside}`]: author[beside] },
  };
}

export function routeToGroup(group: Group, author: Account, deviceId: number): Route {
  const attributes = {
    from: groupAddress(group),
    participant: deviceAddress(addressIn(group, author), deviceId),
    participant_pn: phoneBeside(group, author),
    participant_lid: group.addressingMode === 'pn' ? author.lid : undefined,
    addressing_mode: group.addressingMode,
  };
  return {
    chat: groupAddress(group),
    accounts: [...group.participants.keys()],
    attributesFor: () => attributes,
  };
}

export function routeToStatus(audience: readonly Account[], author: Account, deviceId: number): Route {
  const attributes = {
    from: statusAddress,
    participant: deviceAddress(author.lid, deviceId),
    participant_pn: author.pn,
  };
  return { chat: statusAddress, accounts: [...audience, author], attributesFor: () => attributes };
}
