/**
 * Brings a message to everyone it is for: each device gets the copy that was encrypted for it. Nothing here can read
 * them; what is written to a phone itself, for which no client stands here, is dropped.
 * Sources: Baileys Socket/messages-send.ts (relayMessage); whatsmeow send.go.
 */
import { deviceAt, deviceIdIn } from '../addresses.ts';
import { type BinaryNode, childOf, childrenOf, element, StanzaError } from '../stanza.ts';
import { unixSeconds } from '../unix-seconds.ts';
import type { Account, Device, World } from '../world.ts';
import {
  type Attributes,
  type Route,
  routeToGroup,
  routeToPerson,
  routeToStatus,
  statusAddress,
} from './route.ts';

/**
 * Takes a message that a device sends, `<message to><participants><to jid><enc/></to>…</participants><enc/>…</message>`.
 * Throws a `StanzaError` to refuse it. A copy for one device alone, which is what answers a retry receipt, goes to that
 * device.
 */
export function relayMessage(world: World, sender: Device, message: BinaryNode): void {
  // To the own phone: a request for messages or keys, which nobody here answers.
  if (message.attrs.category === 'peer') return;
  const route = routeOf(world, sender, message);
  const onlyDevice = deviceAsked(world, message);
  const isForOne = onlyDevice !== undefined || childOf(message, 'enc')?.attrs.count !== undefined;
  if (!isForOne) world.messages.add(message.attrs.id ?? '', sender.account, route);

  const copies = copiesByDevice(world, message);
  const shared = childrenOf(message, 'enc');
  const identity = childrenOf(message, 'device-identity');
  for (const device of isForOne ? [onlyDevice] : devicesOf(route)) {
    if (!device || device === sender) continue;
    const content = [...(copies.get(device) ?? []), ...shared];
    // Someone who was linked since: a client finds out when it asks for the devices again.
    if (content.length === 0) continue;
    world.deliver(
      device,
      element('message', attributesOfCopy(message, sender.account, route.attributesFor(device.account)), [
        ...content,
        ...identity,
      ]),
    );
  }
}

const devicesOf = ({ accounts }: Route): Device[] =>
  [...new Set(accounts)].flatMap(({ devices }) => [...devices.values()]);

const attributesOfCopy = ({ attrs }: BinaryNode, { name }: Account, route: Attributes): Attributes => ({
  ...route,
  id: attrs.id,
  t: String(unixSeconds()),
  type: attrs.type,
  edit: attrs.edit,
  notify: name,
});

/** The device that a message is for alone. */
function deviceAsked(world: World, { attrs }: BinaryNode): Device | undefined {
  const address = attrs.participant ?? attrs.to ?? '';
  return deviceIdIn(address) === undefined ? undefined : deviceAt(world, address);
}

/** What was encrypted for one device each. */
function copiesByDevice(world: World, message: BinaryNode): Map<Device, BinaryNode[]> {
  const copies = new Map<Device, BinaryNode[]>();
  for (const copy of childrenOf(childOf(message, 'participants'), 'to')) {
    const device = deviceAt(world, copy.attrs.jid ?? '');
    if (device) copies.set(device, childrenOf(copy, 'enc'));
  }
  return copies;
}

function routeOf(world: World, { account: author, id }: Device, message: BinaryNode): Route {
  const { to = '', recipient } = message.attrs;
  if (to.endsWith('@g.us')) {
    const group = world.groups.group(to);
    // The codes of whatsmeow errors.go for groups; that they stand in the acknowledgement of a message, too, is a guess.
    if (!group) throw new StanzaError(404);
    if (!group.participants.has(author)) throw new StanzaError(403);
    return routeToGroup(group, author, id);
  }
  if (to === statusAddress) {
    const addresses = childrenOf(childOf(message, 'participants'), 'to').map(({ attrs }) => attrs.jid ?? '');
    const audience = addresses.map((address) => world.account(address));
    return routeToStatus(
      audience.filter((account) => account !== undefined),
      author,
      id,
    );
  }
  // A copy for one of the author's own devices names the chat beside it.
  const address = recipient ?? to;
  const person = world.account(address);
  if (!person) throw new StanzaError(404);
  return routeToPerson(person, author, id, address.endsWith('@lid') ? 'lid' : 'pn');
}
