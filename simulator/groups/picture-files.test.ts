import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { World } from '../world.ts';
import { GroupBook } from './group-book.ts';
import { jpegOf } from './jpeg-of.ts';
import { servedPicture } from './picture-files.ts';

/** A group with a picture of this size in it. */
async function groupWithPicture(width: number, height: number) {
  const groups = new GroupBook();
  const owner = new World(groups).addAccount('5511999990001');
  const group = groups.create({ subject: 'family', owner, participants: [] });
  const jpeg = await jpegOf(width, height);
  return { groups, group, jpeg, picture: groups.setPicture(group, { jpeg, width, height, setBy: owner }) };
}

test('the image is what was sent, byte for byte', async () => {
  const { groups, jpeg, picture } = await groupWithPicture(640, 640);
  assert.deepEqual(await servedPicture(groups, picture.id, 'image'), jpeg);
});

test('a recompressed image shows the same in other bytes', async () => {
  const { groups, jpeg, picture } = await groupWithPicture(640, 640);
  groups.pictureHabits = { ...groups.pictureHabits, recompressed: true };
  const served = await servedPicture(groups, picture.id, 'image');
  assert.ok(served && !served.equals(jpeg));
  const { format, width, height } = await sharp(served).metadata();
  assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 640, height: 640 });
  const { channels } = await sharp(served).stats();
  for (const [index, expected] of [0x25, 0xd3, 0x66].entries()) {
    assert.ok(Math.abs((channels[index]?.mean ?? 0) - expected) < 4);
  }
});

test('the preview is a JPEG that fits into 96×96 and keeps the proportions', async () => {
  const { groups, picture } = await groupWithPicture(640, 320);
  const { format, width, height } = await sharp(
    await servedPicture(groups, picture.id, 'preview'),
  ).metadata();
  assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 96, height: 48 });
});

test('a picture that was replaced or removed is still served', async () => {
  const { groups, group, jpeg, picture } = await groupWithPicture(64, 64);
  const green = picture.id;
  groups.setPicture(group, { ...picture, jpeg: await jpegOf(64, 64, '#ff0000') });
  assert.deepEqual(await servedPicture(groups, green, 'image'), jpeg);
  groups.removePicture(group);
  assert.deepEqual(await servedPicture(groups, green, 'image'), jpeg);
});

test('an id that was never given is no picture', async () => {
  const { groups } = await groupWithPicture(64, 64);
  assert.equal(await servedPicture(groups, '1', 'image'), undefined);
  assert.equal(await servedPicture(groups, '1', 'preview'), undefined);
});
