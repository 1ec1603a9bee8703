import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BinaryNode } from 'baileys';
import type { RequestFault } from '../../../simulator/faults.ts';
import type { GatewayError } from '../../errors.ts';
import { parseGroupId, parsePhoneNumber } from '../../ids.ts';
import { groupStanding } from './group-standing.ts';
import { fails, jpeg, startFamily, type TestFamily } from './test-family.fixture.ts';

/** Every verb about the photo of a group. */
const verbs = {
  set: ({ whatsapp }, id) => whatsapp.setGroupPhoto(id, jpeg),
  remove: ({ whatsapp }, id) => whatsapp.removeGroupPhoto(id),
  get: ({ whatsapp }, id) => whatsapp.groupPhoto(id, 'full'),
} satisfies Record<string, (world: TestFamily, id: TestFamily['family']['id']) => Promise<unknown>>;

const verbEntries = Object.entries(verbs) as [keyof typeof verbs, (typeof verbs)['get']][];

/** The request that a verb makes, as faults call it. */
const kindOf = (verb: keyof typeof verbs) => (verb === 'get' ? 'picture-get' : 'picture-set');

for (const addressingMode of ['lid', 'pn'] as const) {
  describe(`in ${addressingMode} groups, who may not is told why, with whichever code WhatsApp refuses`, () => {
    for (const code of [undefined, 401, 403, 404] as const) {
      test(code === undefined ? 'its own choice' : String(code), async () => {
        await using world = await startFamily({ addressingMode });
        const { simulator, locked, foreign, whatsapp } = world;
        for (const [verb, call] of verbEntries) {
          const refuse = () => {
            simulator.faults.clear();
            if (code !== undefined) simulator.faults.add({ kind: kindOf(verb), error: code });
          };
          const saysWhatsAppsCode = ({ details }: GatewayError) =>
            code === undefined || details.whatsappCode === code;
          refuse();
          await assert.rejects(call(world, foreign.id), fails('not_group_member', saysWhatsAppsCode));
          const gone = parseGroupId('120363000000000000');
          assert.ok(gone);
          await assert.rejects(call(world, gone), fails('group_not_found', saysWhatsAppsCode));
          if (verb === 'get') continue;
          await assert.rejects(call(world, locked.id), fails('not_group_admin', saysWhatsAppsCode));
        }
        simulator.faults.clear();
        assert.equal(await whatsapp.groupPhoto(locked.id, 'full'), undefined, 'every member may look');
      });
    }
  });
}

test('who was a member and is not any more is told so', async () => {
  await using world = await startFamily();
  const { alice, family } = world;
  family.group.participants.delete(alice.account);
  for (const [, call] of verbEntries) {
    await assert.rejects(call(world, family.id), fails('not_group_member'));
  }
});

describe('a refusal for no reason that can be seen is WhatsApp’s own', () => {
  for (const code of [401, 403, 404] as const) {
    test(String(code), async () => {
      await using world = await startFamily();
      const { simulator, whatsapp, family, locked } = world;
      await whatsapp.setGroupPhoto(family.id, jpeg);
      const refused = fails(
        'whatsapp_refused',
        ({ details, message }) =>
          details.whatsappCode === code &&
          message.includes(`its code ${code}`) &&
          /Try again later; .*look at the phone/.test(message),
      );
      simulator.faults.add({ kind: 'picture-set', error: code });
      await assert.rejects(verbs.set(world, family.id), refused);
      await assert.rejects(verbs.remove(world, family.id), refused);
      simulator.faults.add({ kind: 'picture-get', error: code });
      if (code === 404) assert.equal(await verbs.get(world, family.id), undefined);
      else await assert.rejects(verbs.get(world, locked.id), refused);
    });
  }
});

describe('a refusal whose reason cannot be looked up is still the refusal, and not late', () => {
  const troubles: RequestFault[] = [
    { kind: 'group-query', error: 429 },
    { kind: 'group-query', error: 500 },
    { kind: 'group-query', malformed: 'empty-result' },
    { kind: 'group-query', silence: true },
    { kind: 'group-query', close: 'before-change' },
  ];
  for (const { kind, ...effect } of troubles) {
    test(JSON.stringify(effect), async () => {
      // Much more than a look-up may take.
      await using world = await startFamily({ queryTimeoutMs: 3_600_000 });
      const { simulator, locked } = world;
      simulator.faults.add({ kind, ...effect } as RequestFault);
      simulator.faults.add({ kind: 'picture-set', error: 403 });
      await assert.rejects(verbs.set(world, locked.id), fails('not_group_member'));
    });
  }

  test('for a photo that is looked for: 404 is none, and who may not look is no member', async () => {
    await using world = await startFamily();
    const { simulator, foreign, locked } = world;
    simulator.faults.add({ kind: 'group-query', error: 500 });
    assert.equal(await verbs.get(world, locked.id), undefined);
    await assert.rejects(verbs.get(world, foreign.id), fails('not_group_member'));
  });
});

describe('WhatsApp’s wish for a pause is told with its length, and without asking it more', () => {
  for (const [verb, call] of verbEntries) {
    for (const code of [423, 429] as const) {
      test(`${verb}, ${code}`, async () => {
        await using world = await startFamily();
        const { simulator, locked } = world;
        const limited = (seconds: number) =>
          fails(
            'whatsapp_rate_limited',
            ({ retryAfterSeconds, details }) =>
              retryAfterSeconds === seconds && details.whatsappCode === code,
          );
        simulator.faults.add({ kind: kindOf(verb), error: code, attributes: { backoff: '37' }, times: 1 });
        await assert.rejects(call(world, locked.id), limited(37));
        simulator.faults.add({ kind: kindOf(verb), error: code });
        await assert.rejects(call(world, locked.id), limited(10));
        assert.equal(simulator.requestCount('group-query'), 0);
      });
    }
  }
});

test('who does not know their own LID may be among people without numbers', async () => {
  const [phone, id] = [parsePhoneNumber('5511999990001'), parseGroupId('120363019502650977')];
  assert.ok(phone && id);
  const me = { phone, lid: undefined, name: undefined, device: 1, platform: undefined };
  const standingAmong = (participants: BinaryNode['attrs'][]) => {
    const content = participants.map((attrs) => ({ tag: 'participant', attrs }));
    const group = { tag: 'group', attrs: { id: '120363019502650977' }, content };
    return groupStanding(async () => ({ tag: 'iq', attrs: {}, content: [group] }), me, id);
  };
  const bob = { jid: '200000000000002@lid', phone_number: '5511999990002@s.whatsapp.net' };
  assert.equal(await standingAmong([bob]), 'stranger');
  assert.equal(await standingAmong([bob, { jid: '200000000000001@lid' }]), 'unknown');
});
