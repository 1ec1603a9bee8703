import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { checkPicture } from './picture-check.ts';
import { defaultPictureLimits } from './picture-limits.ts';

const canvas = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#25d366' } });
const jpeg = (width: number, height: number): Promise<Buffer> => canvas(width, height).jpeg().toBuffer();

test('a JPEG within the limits passes, with its size', async () => {
  assert.deepEqual(await checkPicture(await jpeg(640, 360), defaultPictureLimits), {
    width: 640,
    height: 360,
  });
  assert.deepEqual(await checkPicture(await jpeg(720, 720), defaultPictureLimits), {
    width: 720,
    height: 720,
  });
});

test('what is no whole JPEG, or exceeds the limits, is refused with 406', async () => {
  const square = await jpeg(640, 640);
  const refused: Readonly<Record<string, Buffer>> = {
    nothing: Buffer.alloc(0),
    text: Buffer.from('not a picture'),
    PNG: await canvas(64, 64).png().toBuffer(),
    'a JPEG signature before rubbish': Buffer.concat([square.subarray(0, 3), Buffer.alloc(500, 7)]),
    'a JPEG that was cut off': square.subarray(0, square.length / 2),
    'a JPEG too wide': await jpeg(721, 10),
    'a JPEG too high': await jpeg(10, 721),
    'a JPEG too large': Buffer.concat([square, Buffer.alloc(defaultPictureLimits.maxBytes)]),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    await assert.rejects(checkPicture(bytes, defaultPictureLimits), { code: 406 }, what);
  }
});

test('the limits can be set', async () => {
  const limits = { ...defaultPictureLimits, maxSidePx: 100, maxBytes: 2000 };
  await checkPicture(await jpeg(100, 100), limits);
  await assert.rejects(checkPicture(await jpeg(101, 100), limits), { code: 406 });
  await assert.rejects(checkPicture(Buffer.concat([await jpeg(50, 50), Buffer.alloc(2000)]), limits), {
    code: 406,
  });
});
