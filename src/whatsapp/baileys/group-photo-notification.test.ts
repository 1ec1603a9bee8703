import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { BinaryNode } from 'baileys';
import type { Phone } from '../../../simulator/phone.ts';
import type { GroupPhotoEvent } from '../whatsapp.ts';
import { groupPhotoEventFrom } from './group-photo-notification.ts';
import { dial } from './test-connection.fixture.ts';
import { jpeg, startFamily, type TestFamily } from './test-family.fixture.ts';

const group = '120363019502650977@g.us';
const author = '5511999990002@s.whatsapp.net';
const lid = '200000000000001@lid';

const notification = (attrs: BinaryNode['attrs'], ...content: BinaryNode[]): BinaryNode => ({
  tag: 'notification',
  attrs: { from: group, type: 'picture', id: '2797004126', t: '1664163305', ...attrs },
  content,
});

const change = (tag: string, attrs: BinaryNode['attrs'] = {}): BinaryNode => ({ tag, attrs });

const expected = {
  type: 'group-photo',
  group,
  author,
  pictureId: '1664163304',
  at: new Date(1664163305_000),
};

describe('what a picture notification says', () => {
  const set = { jid: group, author, id: '1664163304' };
  const cases: [what: string, notification: BinaryNode, event: object | undefined][] = [
    ['a new photo', notification({}, change('set', set)), expected],
    ['a first photo', notification({}, change('add', set)), expected],
    [
      'a photo removed',
      notification({}, change('delete', { jid: group, author })),
      { ...expected, pictureId: undefined },
    ],
    [
      'by somebody under their LID, from a device',
      notification({}, change('set', { ...set, author: '200000000000001:3@lid' })),
      { ...expected, author: lid },
    ],
    [
      'by nobody named',
      notification({}, change('set', { id: '1664163304' })),
      { ...expected, author: undefined },
    ],
    [
      'a group named by a hash only',
      notification({}, change('set', { hash: 'q8GW', id: '1664163304', author })),
      expected,
    ],
    ['a new photo without its id', notification({}, change('set', { jid: group, author })), undefined],
    ['a wish for our picture', notification({}, change('request', { jid: group })), undefined],
    ['a drawn avatar', notification({}, change('set_avatar', { jid: group })), undefined],
    ['nothing', notification({}), undefined],
    ['the photo of a person', notification({ from: author }, change('set', set)), undefined],
    ['a removal from the server', notification({ from: '@s.whatsapp.net' }, change('delete')), undefined],
  ];
  for (const [what, stanza, event] of cases) {
    test(what, () => assert.deepEqual(groupPhotoEventFrom(stanza), event));
  }

  test('without a time, it is now', () => {
    const before = Date.now();
    const event = groupPhotoEventFrom(notification({ t: 'soon' }, change('set', set)));
    assert.ok(event && event.at.getTime() >= before && event.at.getTime() <= Date.now());
  });
});

/** Bob gives the family a photo, and Alice is told. */
function bobSetsPhoto({ simulator, bob, family, alice }: TestFamily): string {
  const { groups } = simulator.world;
  const { id } = groups.setPicture(family.group, { jpeg, width: 64, height: 64, setBy: bob.account });
  const attrs = { from: family.id, t: String(groups.now()) };
  const set = change('set', { jid: family.id, author: bob.lid, id });
  simulator.world.deliverTo([alice.account], notification(attrs, set));
  return id;
}

test('every change of a photo is told, our own included', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, family, event } = world;
  const id = await whatsapp.setGroupPhoto(family.id, jpeg);
  const set = await event('group-photo');
  assert.deepEqual(told(set), { group: family.id, pictureId: id, author: alice.lid });
  assert.ok(Math.abs(Date.now() - set.at.getTime()) < 60_000);
  await whatsapp.removeGroupPhoto(family.id);
  const removed = await event('group-photo', 1);
  assert.deepEqual(told(removed), { group: family.id, pictureId: undefined, author: alice.lid });
});

test('in groups where people go by their number, so does who changed the photo', async () => {
  await using world = await startFamily({ addressingMode: 'pn' });
  await world.whatsapp.setGroupPhoto(world.family.id, jpeg);
  assert.equal((await world.event('group-photo')).author, world.alice.account.pn);
});

test('a change that was made while we were away is told at the next login, once', async () => {
  await using world = await startFamily();
  const { simulator, keys, family, bob, alice } = world;
  await world.connection[Symbol.asyncDispose]();
  const pictureId = bobSetsPhoto(world);
  {
    await using back = await dial(simulator, { keys });
    assert.deepEqual(told(await back.event('group-photo')), { group: family.id, pictureId, author: bob.lid });
    await back.event('open');
    await allAcknowledged(alice);
  }
  await using again = await dial(simulator, { keys });
  await again.event('open');
  await again.connection.whatsapp.groups(); // stanzas come in order: nothing is on its way any more
  assert.deepEqual(
    again.events.map(({ type }) => type),
    ['open'],
  );
});

test('a connection has caught up when all of that is told, though it may be open before', async () => {
  await using world = await startFamily();
  const { simulator, keys } = world;
  await world.connection[Symbol.asyncDispose]();
  const pictureId = bobSetsPhoto(world);
  simulator.faults.add({ kind: 'login', backlogDelayMs: 500, times: 1 });
  await using back = await dial(simulator, { keys });
  await back.event('open');
  await back.connection.whatsapp.caughtUp();
  assert.deepEqual(
    back.events.map((event) => event.type === 'group-photo' && event.pictureId).filter(Boolean),
    [pictureId],
  );
});

test('nobody waits for what a connection has to tell once it has ended', async () => {
  await using world = await startFamily();
  const { simulator, keys } = world;
  await world.connection[Symbol.asyncDispose]();
  simulator.faults.add({ kind: 'login', backlogDelayMs: 3_600_000, times: 1 });
  await using back = await dial(simulator, { keys });
  await back.event('open');
  const { whatsapp } = back.connection;
  await back.connection[Symbol.asyncDispose]();
  await whatsapp.caughtUp();
});

/** What is acknowledged does not come again. */
async function allAcknowledged({ devices }: Phone): Promise<void> {
  const giveUp = Date.now() + 20_000;
  while (devices.some(({ queue }) => queue.length > 0)) {
    assert.ok(Date.now() < giveUp, 'something is not acknowledged');
    await pause(2);
  }
}

const told = ({ group, pictureId, author }: GroupPhotoEvent) => ({ group, pictureId, author });
