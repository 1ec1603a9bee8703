import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getBinaryNodeChild } from 'baileys';
import sharp from 'sharp';
import { startFamily } from '../groups/group-family.ts';
import type { GroupMember } from '../groups/group-member.ts';
import { jpegOf } from '../groups/jpeg-of.ts';

async function download(url: string | undefined): Promise<Buffer> {
  assert.ok(url);
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'image/jpeg');
  return Buffer.from(await response.arrayBuffer());
}

/** Asks as whatsmeow does, which says more than Baileys; gives the attributes of the answer's `<picture>`, if any. */
async function askForPicture(member: GroupMember, target: string, attributes: Record<string, string>) {
  const question = { tag: 'picture', attrs: { query: 'url', ...attributes } };
  const answer = await member.query({ type: 'get', xmlns: 'w:profile:picture', target }, [question]);
  return getBinaryNodeChild(answer, 'picture')?.attrs;
}

test('a member downloads the picture as it was sent, and a preview of at most 96×96', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  const jpeg = await jpegOf(640);
  await alice.setPicture(id, jpeg);
  assert.deepEqual(await download(await bob.sock.profilePictureUrl(id, 'image')), jpeg);
  const preview = await download(await bob.sock.profilePictureUrl(id, 'preview'));
  const { format, width, height } = await sharp(preview).metadata();
  assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 96, height: 96 });
});

test('the answer names the picture’s id; who names it in the question gets an empty answer until it changes', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob, id } = world;
  const first = (await alice.setPicture(id, await jpegOf(64))) ?? '';
  const path = `/pictures/${first}/preview`;
  assert.deepEqual(await askForPicture(bob, id, { type: 'preview' }), {
    id: first,
    type: 'preview',
    url: `${whatsapp.controlUrl}${path}`,
    direct_path: path,
  });
  assert.equal(await askForPicture(bob, id, { type: 'preview', id: first }), undefined);
  const second = await alice.setPicture(id, await jpegOf(64));
  assert.equal((await askForPicture(bob, id, { type: 'preview', id: first }))?.id, second);
});

test('a URL still leads to its picture when the group has another one, or none', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  const green = await jpegOf(64);
  await alice.setPicture(id, green);
  const url = await bob.sock.profilePictureUrl(id, 'image');
  await alice.setPicture(id, await jpegOf(64, 64, '#ff0000'));
  assert.deepEqual(await download(url), green);
  await alice.sock.removeProfilePicture(id);
  assert.deepEqual(await download(url), green);
});

test('there is no picture (404) in a group without one, in no group, and of people', async () => {
  await using world = await startFamily();
  const { alice, bob, id } = world;
  for (const target of [id, '120363000000000000@g.us', alice.phone.account.pn, bob.phone.lid]) {
    await assert.rejects(bob.sock.profilePictureUrl(target), { data: 404 }, target);
  }
});

test('who is not a member gets 401, unless with the group’s invite code', async () => {
  await using world = await startFamily();
  const { whatsapp, alice, bob } = world;
  const { id, inviteCode } = whatsapp.createGroup({ subject: 'work', owner: alice.phone, participants: [] });
  const pictureId = await alice.setPicture(`${id}@g.us`, await jpegOf(64));
  await assert.rejects(bob.sock.profilePictureUrl(`${id}@g.us`), { data: 401 });
  const wrongCode = { type: 'image', invite: 'A'.repeat(22) };
  await assert.rejects(askForPicture(bob, `${id}@g.us`, wrongCode), { data: 401 });
  const invited = await askForPicture(bob, `${id}@g.us`, { type: 'image', invite: inviteCode });
  assert.equal(invited?.id, pictureId);
});

test('that there is no picture can be said within a result, too', async () => {
  await using world = await startFamily();
  const { whatsapp, bob, id } = world;
  const { groups } = whatsapp.world;
  const answerWhen = async (none: typeof groups.pictureHabits.none) => {
    groups.pictureHabits = { ...groups.pictureHabits, none };
    const question = { tag: 'picture', attrs: { query: 'url', type: 'image' } };
    const answer = await bob.query({ type: 'get', xmlns: 'w:profile:picture', target: id }, [question]);
    assert.equal(await bob.phone.photoOf(id), undefined);
    return getBinaryNodeChild(answer, 'picture');
  };
  const withError = await answerWhen('error-in-result');
  assert.equal(getBinaryNodeChild(withError, 'error')?.attrs.code, '404');
  assert.deepEqual((await answerWhen('status-204'))?.attrs, { status: '204' });
  assert.equal(await answerWhen('empty-result'), undefined);
});

test('pictures that are handed out inline stand in the answer as bytes, without an address', async () => {
  await using world = await startFamily({ pictureHabits: { inline: true } });
  const { alice, bob, id } = world;
  const jpeg = await jpegOf(64);
  const pictureId = await alice.setPicture(id, jpeg);
  const question = { tag: 'picture', attrs: { query: 'url', type: 'image' } };
  const answer = await bob.query({ type: 'get', xmlns: 'w:profile:picture', target: id }, [question]);
  const picture = getBinaryNodeChild(answer, 'picture');
  assert.deepEqual(picture?.attrs, { id: pictureId, type: 'image' });
  assert.deepEqual(picture?.content, jpeg);
  const seen = await bob.phone.photoOf(id);
  assert.equal(seen?.id, pictureId);
  assert.deepEqual(seen?.bytes, jpeg);
});
