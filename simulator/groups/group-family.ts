/** For tests: a simulator with a group in it, and its two members online. */
import { type Simulator, startSimulator } from '../simulator.ts';
import type { AddressingMode, Group, GroupBookOptions } from './group-book.ts';
import { type GroupMember, onlineMember } from './group-member.ts';
import { groupAddress } from './group-node.ts';

export interface Family extends AsyncDisposable {
  readonly whatsapp: Simulator;
  /** Founded the group. */
  readonly alice: GroupMember;
  /** A member without rights. */
  readonly bob: GroupMember;
  readonly group: Group;
  /** The group's address: `1203630…@g.us`. */
  readonly id: string;
}

interface FamilyOptions extends GroupBookOptions {
  readonly addressingMode?: AddressingMode;
  readonly locked?: boolean;
}

/** Starts it all; `await using` ends it. What is neither mode nor lock goes to the simulator's `GroupBook`. */
export async function startFamily({
  addressingMode = 'lid',
  locked = false,
  ...groups
}: FamilyOptions = {}): Promise<Family> {
  await using parts = new AsyncDisposableStack();
  const whatsapp = parts.use(await startSimulator({ preKeyCount: 100, groups }));
  const alice = parts.use(await onlineMember(whatsapp, whatsapp.phone('5511999990001', 'alice')));
  const bob = parts.use(await onlineMember(whatsapp, whatsapp.phone('5511999990002', 'bob')));
  const group = whatsapp.createGroup({
    subject: 'family',
    owner: alice.phone,
    participants: [bob.phone],
    addressingMode,
    locked,
  });
  const owned = parts.move();
  return {
    whatsapp,
    alice,
    bob,
    group,
    id: groupAddress(group),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
