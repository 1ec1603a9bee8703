import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { jpegOf } from '../../simulator/groups/jpeg-of.ts';
import { eventually } from '../../test/harness.ts';
import { startPhotoWorld } from '../../test/photo-world.ts';
import type { GroupId } from '../ids.ts';
import { pictureIdFrom } from '../ids.ts';
import type { InstancePhotos } from './instance-photos.ts';
import type { PhotoStore } from './photo-store.ts';

const parts = new AsyncDisposableStack();
after(() => parts[Symbol.asyncDispose]());

const world = parts.use(await startPhotoWorld());
const alicesId = `${world.alice.number}@s.whatsapp.net`;
const bobsLid = world.whatsapp.phone('5511999990002').lid;
const [red, blue, green] = [
  await jpegOf(640, 640, '#c00'),
  await jpegOf(640, 640, '#00c'),
  await jpegOf(500, 400, '#0c0'),
];
const fileOf = (jpeg: Buffer, width = 640, height = 640) => ({
  sha256: createHash('sha256').update(jpeg).digest('hex'),
  sizeBytes: jpeg.length,
  width,
  height,
});
const idsIn = async (photos: InstancePhotos, group: GroupId) =>
  (await photos.history(group)).map(({ id }) => String(id));

test('the same photo again is not asked of WhatsApp, unless forced', async () => {
  const { id } = world.newGroup();
  const first = await world.photos.set(id, red);
  const asked = world.whatsapp.requestCount('picture-set');
  assert.equal(await world.photos.set(id, red), first);
  assert.equal(world.whatsapp.requestCount('picture-set'), asked);
  assert.notEqual(await world.photos.set(id, red, { force: true }), first);
  assert.equal(world.whatsapp.requestCount('picture-set'), asked + 1);
});

test('the same photo is asked of WhatsApp when the group shows another one by now, or none', async () => {
  const { id, group, bobSets } = world.newGroup();
  await world.photos.set(id, red);
  await bobSets(blue);
  await world.photos.set(id, red);
  assert.deepEqual(group.picture?.jpeg, red);
  await bobSets(undefined);
  await world.photos.set(id, red);
  assert.deepEqual(group.picture?.jpeg, red);
});

test('a photo that somebody else set is recognised as the same', async () => {
  const { id, bobSets } = world.newGroup();
  const bobs = await bobSets(red);
  assert.equal(await world.photos.set(id, red), bobs);
});

test('whether a group could be looked at before a change makes no difference to the change', async () => {
  const { id, group } = world.newGroup();
  world.whatsapp.faults.add({ kind: 'picture-get', silence: true, times: 1 });
  await world.photos.set(id, red);
  assert.deepEqual(group.picture?.jpeg, red);

  const photos = world.photosWith({ readPhoto: () => Promise.reject(new Error('no such host')) });
  const other = world.newGroup();
  await other.bobSets(blue);
  await photos.set(other.id, red);
  assert.deepEqual(other.group.picture?.jpeg, red);
});

test('a photo that WhatsApp confirmed is set, though it cannot be noted', async () => {
  const { id, group } = world.newGroup();
  const failing = () => Promise.reject(new Error('disk full'));
  const store: PhotoStore = { entries: failing, add: failing, bytes: failing };
  const photos = world.photosWith({ store });
  assert.equal(await photos.set(id, red), group.picture?.id);
});

test('what we set is known with its bytes, its author and its time', async () => {
  const { id } = world.newGroup();
  const before = Date.now();
  const pictureId = await world.photos.set(id, red);
  const [record] = await world.photos.history(id);
  assert.ok(record?.setAt && record.setAt.getTime() >= before - 1_000);
  assert.equal(record.setAt.getTime() % 1_000, 0, 'as precise as what WhatsApp tells of others');
  assert.deepEqual(record, {
    id: pictureId,
    setBy: alicesId,
    setAt: record.setAt,
    byUs: true,
    restores: undefined,
    file: fileOf(red),
  });
  assert.deepEqual(Buffer.from((await world.photos.past(id, pictureId)) ?? []), red);
  assert.deepEqual(await world.photos.info(id), record);
});

test('what others set is heard of, and fetched in the background', async () => {
  const { id, bobSets } = world.newGroup();
  const bobs = pictureIdFrom((await bobSets(green)) ?? '');
  await eventually('the photo is there', async () => (await world.photos.past(id, bobs)) !== undefined);
  const [record] = await world.photos.history(id);
  assert.ok(record?.setAt);
  assert.deepEqual(record, {
    id: bobs,
    setBy: bobsLid,
    setAt: record.setAt,
    byUs: false,
    restores: undefined,
    file: fileOf(green, 500, 400),
  });
});

test('what is heard of and shown no more is not mixed up with what is shown', async () => {
  const { id, bobSets, bobSetsUnheard } = world.newGroup();
  bobSetsUnheard(green);
  world.photos.heard({
    type: 'group-photo',
    group: id,
    pictureId: pictureIdFrom('42'),
    author: undefined,
    at: new Date(),
  });
  const bobs = pictureIdFrom((await bobSets(blue)) ?? '');
  await eventually('the photo is there', async () => (await world.photos.past(id, bobs)) !== undefined);
  assert.deepEqual(
    (await world.photos.history(id)).map(({ file }) => file),
    [fileOf(blue), undefined],
  );
});

test('our own photo is not fetched because we hear of it', async () => {
  const fetched: unknown[] = [];
  await using world = await startPhotoWorld({
    async readPhoto(source) {
      fetched.push(source);
      return red;
    },
  });
  const { id } = world.newGroup();
  const asked = world.whatsapp.requestCount('picture-get');
  world.whatsapp.faults.add({ kind: 'picture-set', delayMs: 100 }); // it is told before it is confirmed
  await world.photos.set(id, red);
  await world.photos.set(id, blue);
  await world.photos[Symbol.asyncDispose]();
  assert.deepEqual(fetched, []);
  assert.equal(world.whatsapp.requestCount('picture-get'), asked + 2, 'the looks before the changes');
});

test('the photo that a group showed before our first one is kept, though nobody told us of it', async () => {
  const { id, bobSetsUnheard } = world.newGroup();
  const bobs = bobSetsUnheard(blue);
  const ours = await world.photos.set(id, red);
  const [newest, oldest] = await world.photos.history(id);
  assert.equal(newest?.id, ours);
  // Who set it, nobody told us; when, its id tells.
  const { setAt, ...known } = oldest ?? {};
  assert.deepEqual(setAt, new Date(Number(bobs) * 1_000));
  assert.deepEqual(known, {
    id: bobs,
    setBy: undefined,
    byUs: false,
    restores: undefined,
    file: fileOf(blue),
  });
  assert.deepEqual(Buffer.from((await world.photos.past(id, bobs)) ?? []), blue);
});

test('undo goes back one photo at a time, and ends where nothing earlier is kept', async () => {
  const { id, group, bobSetsUnheard } = world.newGroup();
  const first = bobSetsUnheard(green);
  const second = await world.photos.set(id, red);
  await world.photos.set(id, blue);

  const back = await world.photos.undo(id);
  assert.deepEqual(group.picture?.jpeg, red);
  assert.equal(back, group.picture.id);
  assert.equal((await world.photos.info(id))?.restores, second);

  await world.photos.undo(id);
  assert.deepEqual(group.picture.jpeg, green);
  assert.equal((await world.photos.info(id))?.restores, first);

  await assert.rejects(world.photos.undo(id), { code: 'no_earlier_photo' });
  assert.equal((await world.photos.history(id)).length, 5);
});

test('undo brings a removed photo back, and removes the first photo of a group that had none', async () => {
  const { id, group } = world.newGroup();
  await world.photos.set(id, red);
  await world.photos.remove(id);
  await world.photos.undo(id);
  assert.deepEqual(group.picture?.jpeg, red);
  assert.equal(await world.photos.undo(id), undefined);
  assert.equal(group.picture, undefined);
  await assert.rejects(world.photos.undo(id), { code: 'no_earlier_photo' });
});

test('undo of what somebody else set goes back to ours, heard of or not', async () => {
  const { id, group, bobSets, bobSetsUnheard } = world.newGroup();
  await world.photos.set(id, red);
  await bobSets(blue);
  await world.photos.undo(id);
  assert.deepEqual(group.picture?.jpeg, red);
  bobSetsUnheard(green);
  await world.photos.undo(id);
  assert.deepEqual(group.picture.jpeg, red);
});

test('undo passes over what looks like the present photo', async () => {
  const { id, group } = world.newGroup();
  await world.photos.set(id, red);
  await world.photos.set(id, blue);
  await world.photos.set(id, blue, { force: true });
  await world.photos.undo(id);
  assert.deepEqual(group.picture?.jpeg, red);
});

test('undo goes back to any photo that is kept, and names one that is not', async () => {
  const { id, group } = world.newGroup();
  const first = await world.photos.set(id, red);
  await world.photos.set(id, blue);
  const third = await world.photos.set(id, green);
  await world.photos.undo(id, first);
  assert.deepEqual(group.picture?.jpeg, red);
  assert.equal((await world.photos.info(id))?.restores, first);
  await world.photos.undo(id, third);
  assert.deepEqual(group.picture.jpeg, green);
  await assert.rejects(world.photos.undo(id, pictureIdFrom('42')), {
    code: 'no_earlier_photo',
    message: /^The bytes of the photo 42 of this group are not kept here;/,
  });
});

test('undo passes over photos whose bytes are not kept, and goes on from what it brought back', async () => {
  const { id, group, bobSetsUnheard } = world.newGroup();
  const unreadable = world.photosWith({ readPhoto: () => Promise.reject(new Error('gone')) });
  await world.photos.set(id, green);
  await world.photos.set(id, red);
  const unkept = bobSetsUnheard(blue);
  await unreadable.set(id, await jpegOf(640, 640, '#cc0'));

  await world.photos.undo(id);
  assert.deepEqual(group.picture?.jpeg, red);
  await world.photos.undo(id);
  assert.deepEqual(group.picture.jpeg, green);
  assert.equal(await world.photos.undo(id), undefined);
  assert.equal(group.picture, undefined);

  assert.ok((await idsIn(world.photos, id)).includes(unkept), 'it was shown, kept or not');
  await assert.rejects(world.photos.undo(id, unkept), {
    code: 'no_earlier_photo',
    message: new RegExp(`^The bytes of the photo ${unkept} of this group are not kept here;`),
  });

  const other = world.newGroup();
  other.bobSetsUnheard(blue);
  await unreadable.set(other.id, red);
  await assert.rejects(world.photos.undo(other.id), {
    code: 'no_earlier_photo',
    message: /^No earlier photo .* is kept/,
  });
  assert.deepEqual(other.group.picture?.jpeg, red);
});

test('going back to the photo that is shown is not asked of WhatsApp', async () => {
  const { id, bobSets } = world.newGroup();
  const first = await world.photos.set(id, red);
  await world.photos.set(id, blue);
  const back = await world.photos.undo(id, first);
  const asked = world.whatsapp.requestCount('picture-set');
  assert.equal(await world.photos.undo(id, back), back);
  assert.equal(await world.photos.undo(id, first), back, 'it looks the same');
  assert.equal(world.whatsapp.requestCount('picture-set'), asked);

  const bobs = pictureIdFrom((await bobSets(green)) ?? '');
  await eventually('the photo is there', async () => (await world.photos.past(id, bobs)) !== undefined);
  assert.equal(await world.photos.undo(id, bobs), bobs);
  assert.equal(world.whatsapp.requestCount('picture-set'), asked);
});

test('what we set and never noted is known for ours when it is set again', async () => {
  const { id, aliceSets, bobSets } = world.newGroup();
  // As a process that is killed leaves it.
  const ours = await aliceSets(red);
  assert.equal(await world.photos.set(id, red), ours);
  assert.equal((await world.photos.info(id))?.byUs, true);

  // Others can send the same bytes, and our phone others.
  const bobs = await bobSets(blue);
  assert.equal(await world.photos.set(id, blue), bobs);
  assert.equal((await world.photos.info(id))?.byUs, false);
  await aliceSets(green);
  await world.photos.set(id, red);
  assert.deepEqual(
    (await world.photos.history(id)).map(({ byUs }) => byUs),
    [true, false, false, true],
  );
});

test('an undo whose confirmation was lost is looked up like every change', async () => {
  const { id, group } = world.newGroup();
  const first = await world.photos.set(id, red);
  await world.photos.set(id, blue);
  world.whatsapp.faults.add({ kind: 'picture-set', close: 'after-change', times: 1 });
  const asked = world.whatsapp.requestCount('picture-set');
  await world.photos.undo(id);
  assert.deepEqual(group.picture?.jpeg, red);
  assert.equal(world.whatsapp.requestCount('picture-set'), asked + 1);
  assert.equal((await world.photos.info(id))?.restores, first);
});

test('no more photos are kept than asked for', async () => {
  const { id } = world.newGroup();
  const photos = world.photosWith({ keep: 2 });
  const first = await photos.set(id, red);
  const second = await photos.set(id, blue);
  const third = await photos.set(id, green);
  assert.deepEqual(await idsIn(photos, id), [third, second]);
  assert.equal(await photos.past(id, first), undefined);
  await assert.rejects(photos.undo(id, first), { code: 'no_earlier_photo' });
});

test('without a history nothing is kept but what the group shows, and undo says why it cannot', async () => {
  await using world = await startPhotoWorld({ keep: 0 });
  const { id, bobSets } = world.newGroup();
  const first = await world.photos.set(id, red);
  assert.equal(await world.photos.set(id, red), first);
  await world.photos.set(id, blue);
  assert.deepEqual(await world.photos.history(id), []);
  assert.equal(await world.photos.past(id, first), undefined);
  await assert.rejects(world.photos.undo(id), { code: 'no_earlier_photo', message: /POMBO_PHOTO_HISTORY=0/ });

  const bobs = await bobSets(green);
  await eventually('the change is heard of', async () => (await world.photos.info(id))?.setBy === bobsLid);
  const info = await world.photos.info(id);
  assert.equal(info?.id, bobs);
  assert.deepEqual(info?.file, fileOf(green, 500, 400));
});

test('without a history nothing is fetched before a change', async () => {
  const { id, bobSetsUnheard } = world.newGroup();
  bobSetsUnheard(green);
  let fetched = 0;
  const photos = world.photosWith({
    keep: 0,
    async readPhoto() {
      fetched += 1;
      return green;
    },
  });
  await photos.set(id, red);
  assert.equal(fetched, 0);
});

test('what a group shows can be read in both sizes', async () => {
  const { id } = world.newGroup();
  assert.equal(await world.photos.shown(id, 'full'), undefined);
  assert.equal(await world.photos.info(id), undefined);
  const pictureId = await world.photos.set(id, red);
  const full = await world.photos.shown(id, 'full');
  assert.equal(full?.id, pictureId);
  assert.deepEqual(Buffer.from(await full.read()), red);
  const preview = await world.photos.shown(id, 'preview');
  assert.equal(preview?.id, pictureId);
  assert.ok((await preview.read()).length < red.length);
});

test('removing leaves the group without a photo, and is refused to those who may not', async () => {
  const { id, group } = world.newGroup();
  await world.photos.set(id, red);
  await world.photos.remove(id);
  assert.equal(group.picture, undefined);
  await world.photos.remove(id);
  const locked = world.newGroup({ owner: 'bob', locked: true });
  await assert.rejects(world.photos.remove(locked.id), { code: 'not_group_admin' });
});

test('nothing is noted or begun once the gateway stops', async () => {
  const { id } = world.newGroup();
  const stopped = world.photosWith({});
  await stopped[Symbol.asyncDispose]();
  const heard = (pictureId: string) => ({
    type: 'group-photo' as const,
    group: id,
    pictureId: pictureIdFrom(pictureId),
    author: undefined,
    at: new Date(),
  });
  stopped.heard(heard('41'));
  world.photos.heard(heard('42'));
  await eventually('the other one has noted it', async () => (await world.photos.history(id)).length > 0);
  assert.deepEqual(await idsIn(world.photos, id), ['42']);
  await assert.rejects(stopped.set(id, red), { code: 'not_connected', status: 503 });
});
