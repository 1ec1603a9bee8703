import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Group, GroupBookOptions } from '../../../simulator/groups/group-book.ts';
import type { Phone } from '../../../simulator/phone.ts';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { type ErrorCode, GatewayError } from '../../errors.ts';
import { type GroupId, parseGroupId } from '../../ids.ts';
import { MemoryKeyStore } from '../memory-key-store.fixture.ts';
import type { WhatsApp } from '../whatsapp.ts';
import { dialPaired, type TestConnection } from './test-connection.fixture.ts';

/** A group as the simulator holds it, and its id as we write it. */
interface TestGroup {
  readonly group: Group;
  readonly id: GroupId;
}

/** For tests: Alice is connected; she and Bob have groups. */
export interface TestFamily extends TestConnection {
  readonly simulator: Simulator;
  /** Those of the connection. */
  readonly keys: MemoryKeyStore;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly whatsapp: WhatsApp;
  /** Alice's, with Bob in it. */
  readonly family: TestGroup;
  /** Bob's, with Alice as a member without rights. */
  readonly locked: TestGroup;
  /** Bob's alone. */
  readonly foreign: TestGroup;
}

interface FamilyOptions extends GroupBookOptions {
  readonly addressingMode?: 'lid' | 'pn';
  readonly queryTimeoutMs?: number;
}

/** A picture that WhatsApp takes. */
export const jpeg: Buffer = await sharp({
  create: { width: 64, height: 64, channels: 3, background: '#25d366' },
})
  .jpeg()
  .toBuffer();

/** Starts it all; `await using` ends it. What is neither mode nor time-out goes to the simulator's `GroupBook`. */
export async function startFamily({
  addressingMode = 'lid',
  queryTimeoutMs = 5_000,
  ...groups
}: FamilyOptions = {}): Promise<TestFamily> {
  await using parts = new AsyncDisposableStack();
  const simulator = parts.use(await startSimulator({ preKeyCount: 100, groups }));
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const groupOf = (settings: Omit<Parameters<typeof simulator.createGroup>[0], 'addressingMode'>) => {
    const group = simulator.createGroup({ ...settings, addressingMode });
    const id = parseGroupId(group.id);
    assert.ok(id);
    return { group, id };
  };
  const keys = new MemoryKeyStore();
  const dialled = parts.use(await dialPaired(simulator, alice, { keys, queryTimeoutMs }));
  const family = {
    ...dialled,
    simulator,
    keys,
    alice,
    bob,
    whatsapp: dialled.connection.whatsapp,
    family: groupOf({ subject: 'family', owner: alice, participants: [bob] }),
    locked: groupOf({ subject: 'locked', owner: bob, participants: [alice], locked: true }),
    foreign: groupOf({ subject: 'foreign', owner: bob, participants: [] }),
  };
  const owned = parts.move();
  return { ...family, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** For `assert.rejects`: this failure, which also `fits`. */
export const fails =
  (code: ErrorCode, fits: (error: GatewayError) => boolean = () => true) =>
  (error: unknown) => {
    assert.ok(error instanceof GatewayError, String(error));
    assert.equal(error.code, code);
    return fits(error);
  };
