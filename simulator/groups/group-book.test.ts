import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../world.ts';
import { GroupBook, type GroupBookOptions } from './group-book.ts';

/** A world of two people and a group of both, founded by alice. */
function family(options?: GroupBookOptions) {
  const groups = new GroupBook(options);
  const world = new World(groups);
  const alice = world.addAccount('5511999990001', 'alice');
  const bob = world.addAccount('5511999990002', 'bob');
  const group = groups.create({ subject: 'family', owner: alice, participants: [bob] });
  const picture = { jpeg: Buffer.from('jpeg'), width: 640, height: 640, setBy: alice };
  return { groups, alice, bob, group, picture };
}

test('the owner is a member of the group and its superadmin, named among the participants or not', () => {
  const { groups, alice, bob, group } = family();
  const roles = [
    [alice, 'superadmin'],
    [bob, 'member'],
  ];
  assert.deepEqual([...group.participants], roles);
  const named = groups.create({ subject: 'work', owner: alice, participants: [bob, alice] });
  assert.deepEqual([...named.participants], roles);
});

test('group ids look like WhatsApp’s, grow, and are found bare, with their server, and as HTTP APIs write them', () => {
  const { groups, alice, group } = family();
  const next = groups.create({ subject: 'work', owner: alice, participants: [] });
  assert.match(group.id, /^120363\d{12}$/);
  assert.ok(BigInt(next.id) > BigInt(group.id));
  assert.equal(groups.group(group.id), group);
  assert.equal(groups.group(`${next.id}@g.us`), next);
  assert.equal(groups.group(`${next.id}-group`), next);
  assert.equal(groups.group('120363000000000000@g.us'), undefined);
});

test('an invite code of 22 characters leads to its group until it is reset', () => {
  const { groups, group } = family();
  const first = group.inviteCode;
  assert.match(first, /^[A-Za-z0-9]{22}$/);
  assert.equal(groups.groupInvitedBy(first), group);
  const second = groups.resetInviteCode(group);
  assert.notEqual(second, first);
  assert.equal(groups.groupInvitedBy(first), undefined);
  assert.equal(groups.groupInvitedBy(second), group);
});

test('picture ids are the unix second where it is free, and always grow, across groups and when the clock stands or goes back', () => {
  let now = 1_700_000_000;
  const { groups, alice, group, picture } = family({ now: () => now });
  const other = groups.create({ subject: 'work', owner: alice, participants: [] });
  const ids = [groups.setPicture(group, picture).id, groups.setPicture(other, picture).id];
  now += 10;
  ids.push(groups.setPicture(group, picture).id);
  now -= 60;
  ids.push(groups.setPicture(group, picture).id);
  assert.deepEqual(ids, ['1700000000', '1700000001', '1700000010', '1700000011']);
});

test('a removed picture is gone from the group, counts as a change, and its id is still known', () => {
  const { groups, group, picture } = family({ now: () => 1_700_000_000 });
  const set = groups.setPicture(group, picture);
  assert.equal(group.picture, set);
  groups.removePicture(group);
  assert.equal(group.picture, undefined);
  assert.equal(groups.pictureById(set.id), set);
  assert.deepEqual(group.pictureChanges, [1_700_000_000, 1_700_000_000]);
});
