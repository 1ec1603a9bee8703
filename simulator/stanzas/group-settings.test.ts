import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupMetadata, WASocket } from 'baileys';
import { startFamily } from '../groups/group-family.ts';

interface SettingStep {
  readonly what: string;
  readonly change: (sock: WASocket, id: string) => Promise<void>;
  /** How the group looks to the next query, and in what `groups.update` tells its members. */
  readonly shown: Partial<GroupMetadata>;
}

const steps: readonly SettingStep[] = [
  {
    what: 'announcement',
    change: (sock, id) => sock.groupSettingUpdate(id, 'announcement'),
    shown: { announce: true },
  },
  {
    what: 'not_announcement',
    change: (sock, id) => sock.groupSettingUpdate(id, 'not_announcement'),
    shown: { announce: false },
  },
  { what: 'locked', change: (sock, id) => sock.groupSettingUpdate(id, 'locked'), shown: { restrict: true } },
  {
    what: 'unlocked',
    change: (sock, id) => sock.groupSettingUpdate(id, 'unlocked'),
    shown: { restrict: false },
  },
  {
    what: 'member_add_mode all',
    change: (sock, id) => sock.groupMemberAddMode(id, 'all_member_add'),
    shown: { memberAddMode: true },
  },
  {
    what: 'member_add_mode admins',
    change: (sock, id) => sock.groupMemberAddMode(id, 'admin_add'),
    shown: { memberAddMode: false },
  },
  {
    what: 'membership_approval_mode on',
    change: (sock, id) => sock.groupJoinApprovalMode(id, 'on'),
    shown: { joinApprovalMode: true },
  },
  {
    what: 'membership_approval_mode off',
    change: (sock, id) => sock.groupJoinApprovalMode(id, 'off'),
    shown: { joinApprovalMode: false },
  },
];

test('every setting that an admin changes shows in the next query, and all members hear of it', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  for (const { what, change, shown } of steps) {
    await change(alice.sock, id);
    const metadata = await bob.sock.groupMetadata(id);
    for (const [name, state] of Object.entries(shown)) {
      assert.equal(metadata[name as keyof GroupMetadata], state, what);
      for (const { client } of [alice, bob]) {
        await client.event('groups.update', (updates) =>
          updates.some((update) => update.id === id && update[name as keyof GroupMetadata] === state),
        );
      }
    }
  }
});

test('only admins change settings', async () => {
  await using world = await startFamily();
  for (const { what, change } of steps) {
    await assert.rejects(change(world.bob.sock, world.id), { data: 401 }, what);
  }
});

test('a member lets messages disappear, and stay again; in a locked group only an admin', async () => {
  await using world = await startFamily();
  const { alice, bob, id, group } = world;
  await bob.sock.groupToggleEphemeral(id, 604_800);
  for (const member of [alice, bob]) {
    await member.message(({ message }) => message?.protocolMessage?.ephemeralExpiration === 604_800);
  }
  assert.equal((await alice.sock.groupMetadata(id)).ephemeralDuration, 604_800);
  await bob.sock.groupToggleEphemeral(id, 0);
  assert.equal((await alice.sock.groupMetadata(id)).ephemeralDuration, undefined);
  group.locked = true;
  await assert.rejects(bob.sock.groupToggleEphemeral(id, 86_400), { data: 401 });
  await alice.sock.groupToggleEphemeral(id, 86_400);
  assert.equal(group.ephemeralSeconds, 86_400);
});

test('a setting with a value that does not exist is a bad request', async () => {
  await using world = await startFamily();
  const { alice, id } = world;
  const set = (tag: string, attrs: Record<string, string>, content?: Buffer) =>
    alice.query({ to: id, type: 'set', xmlns: 'w:g2' }, [{ tag, attrs, content }]);
  await assert.rejects(set('member_add_mode', {}, Buffer.from('nobody_add')), { data: 400 });
  await assert.rejects(set('membership_approval_mode', {}), { data: 400 });
  await assert.rejects(set('ephemeral', { expiration: 'soon' }), { data: 400 });
});
