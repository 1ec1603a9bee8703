import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import type { RequestFault } from '../../../simulator/faults.ts';
import { startSimulator } from '../../../simulator/simulator.ts';
import { type ErrorCode, GatewayError } from '../../errors.ts';
import { parseGroupId } from '../../ids.ts';
import { dialPaired } from './test-connection.fixture.ts';

const square = sharp({ create: { width: 64, height: 64, channels: 3, background: '#25d366' } });
const jpeg = await square.clone().jpeg().toBuffer();

/** Alice is connected and an admin of the family, in which Bob is a member; Bob has a group of his own. */
async function startFamily(
  addressingMode: 'lid' | 'pn' = 'lid',
  { notAdminCode, queryTimeoutMs = 5_000 }: { notAdminCode?: 401 | 403; queryTimeoutMs?: number } = {},
) {
  const simulator = await startSimulator({
    preKeyCount: 100,
    groups: notAdminCode === undefined ? {} : { notAdminCode },
  });
  const alice = simulator.phone('5511999990001', 'Alice');
  const bob = simulator.phone('5511999990002', 'Bob');
  const groupOf = (settings: Omit<Parameters<typeof simulator.createGroup>[0], 'addressingMode'>) => {
    const group = simulator.createGroup({ ...settings, addressingMode });
    const id = parseGroupId(group.id);
    assert.ok(id);
    return { group, id };
  };
  const { connection, ...rest } = await dialPaired(simulator, alice, { queryTimeoutMs });
  return {
    ...rest,
    simulator,
    bob,
    whatsapp: connection.whatsapp,
    family: groupOf({ subject: 'family', owner: alice, participants: [bob] }),
    locked: groupOf({ subject: 'locked', owner: bob, participants: [alice], locked: true }),
    foreign: groupOf({ subject: 'foreign', owner: bob, participants: [] }),
    async [Symbol.asyncDispose]() {
      await rest[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

const fails =
  (code: ErrorCode, fits: (error: GatewayError) => boolean = () => true) =>
  (error: unknown) =>
    error instanceof GatewayError && error.code === code && fits(error);

test('a photo is set with the bytes that were given, and answered with the id that members see', async () => {
  await using world = await startFamily();
  const id = await world.whatsapp.setGroupPhoto(world.family.id, jpeg);
  const seen = await world.bob.photoOf(world.family.group.id);
  assert.equal(seen?.id, id);
  assert.deepEqual(seen?.bytes, jpeg);
});

for (const addressingMode of ['lid', 'pn'] as const) {
  for (const notAdminCode of [401, 403] as const) {
    test(`in ${addressingMode} groups, with ${notAdminCode} for who is no admin: members and strangers are told apart`, async () => {
      await using world = await startFamily(addressingMode, { notAdminCode });
      const { whatsapp, locked, foreign } = world;
      await assert.rejects(
        whatsapp.setGroupPhoto(locked.id, jpeg),
        fails('not_group_admin', ({ details }) => details.whatsappCode === notAdminCode),
      );
      await assert.rejects(whatsapp.setGroupPhoto(foreign.id, jpeg), fails('not_group_member'));
    });
  }
}

describe('a photo that WhatsApp does not confirm is not set', () => {
  const outcomes: [effect: object, code: ErrorCode, fits?: (error: GatewayError) => boolean][] = [
    [{ error: 400 }, 'whatsapp_refused', ({ details }) => details.whatsappText === 'bad-request'],
    [{ error: 404 }, 'whatsapp_refused', ({ details }) => details.whatsappCode === 404],
    [{ error: 406 }, 'picture_refused', ({ details }) => details.whatsappCode === 406],
    [{ error: 423 }, 'whatsapp_rate_limited'],
    [{ error: 429 }, 'whatsapp_rate_limited', ({ retryAfterSeconds }) => retryAfterSeconds === 10],
    [
      { error: 429, attributes: { backoff: '37' } },
      'whatsapp_rate_limited',
      ({ retryAfterSeconds }) => retryAfterSeconds === 37,
    ],
    [{ error: 500 }, 'whatsapp_unavailable', ({ details }) => details.whatsappCode === 500],
    [{ error: 503 }, 'whatsapp_unavailable', ({ retryAfterSeconds }) => retryAfterSeconds === 10],
    [{ malformed: 'error-without-reason' }, 'whatsapp_refused'],
    [{ malformed: 'error-in-result' }, 'whatsapp_refused'],
    [{ malformed: 'empty-result' }, 'whatsapp_timeout', ({ message }) => message.includes('unknown')],
    [{ silence: true }, 'whatsapp_timeout', ({ message }) => message.includes('within 0.3 s')],
  ];
  for (const [effect, code, fits] of outcomes) {
    test(`${JSON.stringify(effect)}: ${code}`, async () => {
      await using world = await startFamily('lid', { queryTimeoutMs: 300 });
      world.simulator.faults.add({ kind: 'picture-set', ...effect } as RequestFault);
      await assert.rejects(world.whatsapp.setGroupPhoto(world.family.id, jpeg), fails(code, fits));
    });
  }
});

describe('a connection that ends in mid-flight is answered at once, as an unknown outcome', () => {
  for (const effect of [
    { close: 'before-change' },
    { close: 'after-change' },
    { streamError: '503' },
    { streamError: '515' },
  ] as const) {
    test(JSON.stringify(effect), async () => {
      // Longer than the test may take: only the end of the connection can answer in time.
      await using world = await startFamily('lid', { queryTimeoutMs: 3_600_000 });
      world.simulator.faults.add({ kind: 'picture-set', ...effect });
      await assert.rejects(
        world.whatsapp.setGroupPhoto(world.family.id, jpeg),
        fails('whatsapp_timeout', ({ message }) => message.includes('connection to WhatsApp was lost')),
      );
    });
  }

  test('our own closing', async () => {
    await using world = await startFamily('lid', { queryTimeoutMs: 3_600_000 });
    const { simulator, whatsapp, family } = world;
    simulator.faults.add({ kind: 'picture-set', silence: true });
    const change = assert.rejects(whatsapp.setGroupPhoto(family.id, jpeg), fails('whatsapp_timeout'));
    await simulator.requestArrived('picture-set');
    await world[Symbol.asyncDispose]();
    await change;
  });
});
