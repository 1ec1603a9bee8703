import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorld } from '../../../test/harness.ts';
import { pngOf } from '../../../test/pictures.ts';

test('whether a photo may be changed is told with the reason that the change itself would give, and nothing changes', async () => {
  await using world = await startWorld();
  const ana = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const groupOf = (owner: typeof bruno, others: (typeof bruno)[], locked: boolean) =>
    world.whatsapp.createGroup({ subject: 'Equipe', owner, participants: others, locked }).id;
  const groups = {
    'open to all members': groupOf(bruno, [ana.phone], false),
    'locked, and Ana is an admin': groupOf(ana.phone, [bruno], true),
    'locked, and Ana is none': groupOf(bruno, [ana.phone], true),
    'of others': groupOf(bruno, [], false),
    'not there': '120363999999999999',
  };
  for (const [what, groupId] of Object.entries(groups)) {
    const before = world.whatsapp.requestCount('picture-set');
    const { status, body: told } = await ana.api.post('/can-update-group-photo', { groupId });
    assert.equal(status, 200, what);
    assert.equal(world.whatsapp.requestCount('picture-set'), before, what);

    const change = await ana.api.post('/update-group-photo', { groupId, groupPhoto: await pngOf('#f00') });
    const { value, error = null, code = null } = change.body;
    assert.deepEqual(told, { value, reason: error, code }, what);
  }
});

test('what cannot be learnt is a failure, and no answer', async () => {
  await using world = await startWorld({ whatsappTimeoutMs: 300 });
  const ana = await world.person('5511999990001', 'Ana');
  const { id: groupId } = world.whatsapp.createGroup({
    subject: 'Equipe',
    owner: ana.phone,
    participants: [],
  });
  for (const [effect, expected] of [
    [{ silence: true }, [504, 'whatsapp_timeout']],
    [{ error: 429 }, [429, 'whatsapp_rate_limited']],
  ] as const) {
    world.whatsapp.faults.add({ kind: 'group-query', times: 1, ...effect });
    const { status, body } = await ana.api.post('/can-update-group-photo', { groupId });
    assert.deepEqual([status, body.code, body.value], [...expected, false]);
  }
});
