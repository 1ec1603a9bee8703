import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorld } from '../../../test/harness.ts';

test('groups are listed in pages that neither overlap nor leave one out', async () => {
  await using world = await startWorld();
  const ana = await world.person('5511999990001', 'Ana');
  const bruno = world.whatsapp.phone('5511999990002', 'Bruno');
  const none = await ana.api.get('/groups?page=1&pageSize=10');
  assert.deepEqual(none.body, []);

  const created = ['One', 'Two', 'Three'].map((subject) =>
    world.whatsapp.createGroup({ subject, owner: ana.phone, participants: [bruno] }),
  );
  const [one, two] = created;
  assert.ok(one && two);
  two.subjectSetAt = two.creation + 60;
  world.whatsapp.createGroup({ subject: 'Of others', owner: bruno, participants: [] });

  const { body: all } = await ana.api.get('/groups');
  assert.deepEqual(
    all.map(({ phone }: { phone: string }) => phone).sort(),
    created.map(({ id }) => `${id}-group`).sort(),
  );
  const pages = await Promise.all([1, 2, 3].map((page) => ana.api.get(`/groups?page=${page}&pageSize=2`)));
  assert.deepEqual(
    pages.map(({ body }) => body),
    [all.slice(0, 2), all.slice(2), []],
  );
  const { body: empty } = await ana.api.get('/groups?page=2');
  assert.deepEqual(empty, []);

  const listed = (subject: string) => all.find(({ name }: { name: string }) => name === subject);
  assert.equal(listed('Two').lastMessageTime, `${two.creation + 60}000`);
  assert.deepEqual(listed('One'), {
    isGroup: true,
    name: 'One',
    phone: `${one.id}-group`,
    unread: '0',
    lastMessageTime: `${one.creation}000`,
    isMuted: '0',
    isMarkedSpam: 'false',
    archived: 'false',
    pinned: 'false',
    muteEndTime: null,
    messagesUnread: '0',
  });
});
