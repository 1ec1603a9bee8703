import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { jpegOf } from './jpeg-of.ts';
import { checkPicture } from './picture-check.ts';
import { defaultPictureLimits } from './picture-limits.ts';

test('a JPEG within the limits passes, with its size', async () => {
  assert.deepEqual(await checkPicture(await jpegOf(640, 360), defaultPictureLimits), {
    width: 640,
    height: 360,
  });
  assert.deepEqual(await checkPicture(await jpegOf(720), defaultPictureLimits), {
    width: 720,
    height: 720,
  });
});

test('what is no whole JPEG, or exceeds the limits, is refused with 406', async () => {
  const square = await jpegOf(640);
  const refused: Readonly<Record<string, Buffer>> = {
    nothing: Buffer.alloc(0),
    text: Buffer.from('not a picture'),
    PNG: await sharp(square).png().toBuffer(),
    'a JPEG signature before rubbish': Buffer.concat([square.subarray(0, 3), Buffer.alloc(500, 7)]),
    'a JPEG that was cut off': square.subarray(0, square.length / 2),
    'a JPEG too wide': await jpegOf(721, 10),
    'a JPEG too high': await jpegOf(10, 721),
    'a JPEG too large': Buffer.concat([square, Buffer.alloc(defaultPictureLimits.maxBytes)]),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    await assert.rejects(checkPicture(bytes, defaultPictureLimits), { code: 406 }, what);
  }
});

test('the limits can be set', async () => {
  const limits = { ...defaultPictureLimits, maxSidePx: 100, maxBytes: 2000 };
  await checkPicture(await jpegOf(100), limits);
  await assert.rejects(checkPicture(await jpegOf(101, 100), limits), { code: 406 });
  await assert.rejects(checkPicture(Buffer.concat([await jpegOf(50), Buffer.alloc(2000)]), limits), {
    code: 406,
  });
});
