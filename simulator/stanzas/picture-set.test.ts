import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getBinaryNodeChild, WAMessageStubType } from 'baileys';
import sharp from 'sharp';
import { startFamily } from '../groups/group-family.ts';
import { type GroupMember, onlineMember } from '../groups/group-member.ts';
import { jpegOf } from '../groups/jpeg-of.ts';
import { childrenOf } from '../stanza.ts';

/** What the member heard of pictures. */
const picturesHeard = async (member: GroupMember) =>
  (await member.notifications()).filter(({ attrs }) => attrs.type === 'picture');

/** What the member's device heard of changes that another one made. */
async function accountSyncs(member: GroupMember): Promise<string[]> {
  await member.notifications();
  return member.received
    .filter(({ tag, attrs }) => tag === 'notification' && attrs.type === 'account_sync')
    .flatMap((notification) => childrenOf(notification).map(({ tag }) => tag));
}

const pictureSet = (target: string) => ({ type: 'set', xmlns: 'w:profile:picture', target });

for (const addressingMode of ['lid', 'pn'] as const) {
  test(`in a ${addressingMode} group all members hear of a new picture and who set it, the setter after the answer`, async () => {
    await using world = await startFamily({ addressingMode, now: () => 1_700_000_000 });
    const { alice, bob, id } = world;
    assert.equal(await bob.setPicture(id, await jpegOf(640)), '1700000000');

    for (const member of [alice, bob]) {
      const [notification, ...more] = await picturesHeard(member);
      assert.equal(more.length, 0);
      const { id: stanzaId, ...attrs } = notification?.attrs ?? {};
      assert.ok(stanzaId);
      assert.deepEqual(attrs, { from: id, type: 'picture', t: '1700000000', notify: 'bob' });
      const author = bob.phone.account[addressingMode];
      const [set] = childrenOf(notification);
      assert.deepEqual({ tag: set?.tag, ...set?.attrs }, { tag: 'set', jid: id, author, id: '1700000000' });

      const stub = await member.message(
        ({ messageStubType }) => messageStubType === WAMessageStubType.GROUP_CHANGE_ICON,
      );
      assert.deepEqual(stub.messageStubParameters, ['1700000000']);
      assert.equal(stub.key.participant, author);
      await member.client.event('contacts.update', (contacts) =>
        contacts.some((contact) => contact.id === id && contact.imgUrl === 'changed'),
      );
    }
    const answered = bob.received.findIndex((stanza) => getBinaryNodeChild(stanza, 'picture'));
    const told = bob.received.findIndex(
      ({ tag, attrs }) => tag === 'notification' && attrs.type === 'picture',
    );
    assert.ok(answered >= 0 && answered < told);
  });
}

test('every change gets a greater id, also within one second and across groups', async () => {
  await using world = await startFamily({ now: () => 1_700_000_000 });
  const { whatsapp, alice, bob, id } = world;
  const other = whatsapp.createGroup({ subject: 'work', owner: bob.phone, participants: [] });
  const jpeg = await jpegOf(64);
  const ids = [
    await alice.setPicture(id, jpeg),
    await bob.setPicture(`${other.id}@g.us`, jpeg),
    await bob.setPicture(id, jpeg),
  ];
  assert.deepEqual(ids, ['1700000000', '1700000001', '1700000002']);
});

test('Baileys’ own call sets the picture that it made', async () => {
  await using world = await startFamily();
  const { bob, id, group } = world;
  await bob.sock.updateProfilePicture(id, await jpegOf(100));
  assert.deepEqual([group.picture?.width, group.picture?.height], [640, 640]);
  assert.equal(group.picture?.setBy, bob.phone.account);
});

test('every device of a member hears of a new picture', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  await using second = await onlineMember(whatsapp, alice.phone);
  await bob.setPicture(id, await jpegOf(64));
  for (const device of [alice, second]) assert.equal((await picturesHeard(device)).length, 1);
});

test('what one client asks is answered in order, however long the first takes', async () => {
  await using world = await startFamily();
  const { bob, id } = world;
  await Promise.all([
    bob.setPicture(id, await jpegOf(640)),
    bob.query({ type: 'get', xmlns: 'w:p' }, [{ tag: 'ping', attrs: {} }]),
  ]);
  const answers = bob.received.filter(({ tag, attrs }) => tag === 'iq' && attrs.type === 'result').slice(-2);
  assert.deepEqual(
    answers.map((answer) => childrenOf(answer).map(({ tag }) => tag)),
    [['picture'], []],
  );
});

test('what is no acceptable JPEG is refused with 406, and nobody hears of it', async () => {
  await using world = await startFamily({ pictureLimits: { maxBytes: 20_000 } });
  const { alice, bob, id, group } = world;
  const small = await jpegOf(64);
  const refused: Readonly<Record<string, Buffer>> = {
    PNG: await sharp(small).png().toBuffer(),
    text: Buffer.from('not a picture'),
    'too wide': await jpegOf(721),
    'too many bytes': Buffer.concat([small, Buffer.alloc(20_000)]),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    await assert.rejects(bob.setPicture(id, bytes), { data: 406 }, what);
  }
  assert.equal(group.picture, undefined);
  assert.deepEqual(await picturesHeard(alice), []);
});

test('only members may change the picture of a group, and only of one that is there', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  const jpeg = await jpegOf(64);
  await assert.rejects(bob.setPicture('120363000000000000@g.us', jpeg), { data: 404 });
  const other = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  await assert.rejects(bob.setPicture(`${other.id}@g.us`, jpeg), { data: 403 });
  await assert.rejects(bob.query(pictureSet(`${other.id}@g.us`)), { data: 403 });
  await alice.sock.groupParticipantsUpdate(id, [bob.phone.account.pn], 'remove');
  await assert.rejects(bob.setPicture(id, jpeg), { data: 403 });
});

test('in a locked group only admins may change the picture', async () => {
  await using world = await startFamily({ locked: true });
  const { whatsapp, alice, bob, id, group } = world;
  const jpeg = await jpegOf(64);
  await assert.rejects(bob.setPicture(id, jpeg), { data: 401 });
  await assert.rejects(bob.query(pictureSet(id)), { data: 401 });
  whatsapp.world.groups.notAdminCode = 403;
  await assert.rejects(bob.setPicture(id, jpeg), { data: 403 });
  assert.equal(group.picture, undefined);
  assert.ok(await alice.setPicture(id, jpeg));
  await alice.sock.groupParticipantsUpdate(id, [bob.phone.account.lid], 'promote');
  assert.ok(await bob.setPicture(id, jpeg));
});

test('too many changes within the window are refused with 429 and how long to wait, removals included', async () => {
  let now = 1_700_000_000;
  const pictureLimits = { rate: { changes: 2, windowSeconds: 10 } };
  await using world = await startFamily({ now: () => now, pictureLimits });
  const { bob, id, group } = world;
  const jpeg = await jpegOf(64);
  await bob.setPicture(id, jpeg);
  now += 3;
  await bob.query(pictureSet(id));
  await assert.rejects(bob.setPicture(id, jpeg), { data: 429, message: 'rate-overlimit' });
  const refusal = getBinaryNodeChild(
    bob.received.findLast(({ attrs }) => attrs.type === 'error'),
    'error',
  );
  assert.equal(refusal?.attrs.backoff, '7');
  now += 7;
  assert.ok(await bob.setPicture(id, jpeg));
  await assert.rejects(bob.query(pictureSet(id)), { data: 429 });
  assert.ok(group.picture);
});

test('no content removes the picture, and all members hear of it, once', async () => {
  await using world = await startFamily();
  const { alice, bob, id, group } = world;
  await alice.setPicture(id, await jpegOf(64));
  await bob.sock.removeProfilePicture(id);
  assert.equal(group.picture, undefined);
  await assert.rejects(alice.sock.profilePictureUrl(id), { data: 404 });
  const again = await bob.query(pictureSet(id));
  assert.deepEqual(childrenOf(again), []);

  for (const member of [alice, bob]) {
    const [, removed, ...more] = await picturesHeard(member);
    assert.equal(more.length, 0);
    const [change] = childrenOf(removed);
    assert.deepEqual(
      { tag: change?.tag, ...change?.attrs },
      { tag: 'delete', jid: id, author: bob.phone.lid },
    );
    await member.client.event('contacts.update', (contacts) =>
      contacts.some((contact) => contact.id === id && contact.imgUrl === 'removed'),
    );
  }
});

test('who was offline hears of the picture at the next login, who was removed does not', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  const carol = whatsapp.phone('5511999990003', 'carol');
  await using carolOnline = await onlineMember(whatsapp, carol);
  await alice.sock.groupParticipantsUpdate(id, [carol.account.pn], 'add');
  await alice.sock.groupParticipantsUpdate(id, [carol.account.pn], 'remove');
  await bob.client[Symbol.asyncDispose]();

  const pictureId = await alice.setPicture(id, await jpegOf(64));
  assert.deepEqual(await picturesHeard(carolOnline), []);
  await using bobBack = await onlineMember(whatsapp, bob.phone, bob.client.auth);
  await bobBack.message(({ messageStubParameters }) => messageStubParameters?.[0] === pictureId);
  const [heard] = await picturesHeard(bobBack);
  assert.ok(heard?.attrs.offline !== undefined);
});

test('a preview beside the image is ignored, one alone is a bad request', async () => {
  await using world = await startFamily();
  const { bob, id, group } = world;
  const image = { tag: 'picture', attrs: { type: 'image' }, content: await jpegOf(64) };
  const preview = { tag: 'picture', attrs: { type: 'preview' }, content: await jpegOf(32) };
  await bob.query(pictureSet(id), [preview, image]);
  assert.equal(group.picture?.width, 64);
  await assert.rejects(bob.query(pictureSet(id), [preview]), { data: 400 });
});

test('a person sets their own picture, which everyone sees and those who share a group hear of', async () => {
  await using world = await startFamily({ now: () => 1_700_000_000 });
  const { whatsapp, alice, bob } = world;
  await using second = await onlineMember(whatsapp, alice.phone);
  const jpeg = await jpegOf(640);
  const content = [{ tag: 'picture', attrs: { type: 'image' }, content: jpeg }];
  const own = { type: 'set', xmlns: 'w:profile:picture' };
  const answer = await alice.query(own, content);
  assert.equal(getBinaryNodeChild(answer, 'picture')?.attrs.id, '1700000000');
  for (const address of [alice.phone.account.pn, alice.phone.lid]) {
    const { id, bytes } = (await bob.phone.photoOf(address)) ?? {};
    assert.deepEqual({ id, bytes }, { id: '1700000000', bytes: jpeg });
  }
  assert.equal(
    await alice.sock.profilePictureUrl(alice.phone.account.pn, 'image'),
    await bob.sock.profilePictureUrl(alice.phone.lid, 'image'),
  );

  const [notification, ...more] = await picturesHeard(bob);
  assert.equal(more.length, 0);
  assert.equal(notification?.attrs.from, alice.phone.account.pn);
  const [set] = childrenOf(notification);
  assert.deepEqual(
    { tag: set?.tag, ...set?.attrs },
    { tag: 'set', jid: alice.phone.account.pn, id: '1700000000' },
  );
  assert.deepEqual(await accountSyncs(second), ['picture']);
  assert.deepEqual(await accountSyncs(alice), []);

  await alice.query(own);
  assert.equal(await bob.phone.photoOf(alice.phone.lid), undefined);
  assert.equal((await picturesHeard(bob)).length, 2);
});

test('a person’s own picture is held to what a group’s is, and another person’s is not to be set', async () => {
  await using world = await startFamily({ pictureLimits: { rate: { changes: 1, windowSeconds: 60 } } });
  const { alice, bob } = world;
  const own = { type: 'set', xmlns: 'w:profile:picture' };
  const picture = async (bytes: Uint8Array) => [{ tag: 'picture', attrs: { type: 'image' }, content: bytes }];
  const content = await picture(await jpegOf(64));
  await assert.rejects(bob.query(own, await picture(Buffer.from('not a picture'))), { data: 406 });
  for (const target of [bob.phone.lid, bob.phone.account.pn, alice.phone.account.pn]) {
    await assert.rejects(bob.query(pictureSet(target), content), { data: 406 });
  }
  await bob.query(own, content);
  await assert.rejects(bob.query(own, content), { data: 429 });
});
