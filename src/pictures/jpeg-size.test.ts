import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { jpegSize } from './jpeg-size.ts';

const picture = () => sharp({ create: { width: 300, height: 200, channels: 3, background: '#25d366' } });

test('the size of a JPEG is read from its header', async () => {
  const encodings = {
    baseline: await picture().jpeg().toBuffer(),
    progressive: await picture().jpeg({ progressive: true }).toBuffer(),
    'with metadata before the size': await picture()
      .withExif({ IFD0: { Copyright: 'nobody' } })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer(),
    'in a view of a larger buffer': new Uint8Array([
      ...Buffer.alloc(7),
      ...(await picture().jpeg().toBuffer()),
    ]).subarray(7),
  };
  for (const [encoding, jpeg] of Object.entries(encodings)) {
    assert.deepEqual(jpegSize(jpeg), { width: 300, height: 200 }, encoding);
  }
  const [start, ...rest] = [encodings.baseline.subarray(0, 2), encodings.baseline.subarray(2)];
  const withFillBytes = Buffer.concat([start, Buffer.from([0xff, 0xff]), ...rest]);
  assert.deepEqual(jpegSize(withFillBytes), { width: 300, height: 200 }, 'with fill bytes');
});

test('what is no JPEG, or ends before its size, has none', async () => {
  const jpeg = await picture().jpeg().toBuffer();
  assert.equal(jpegSize(await picture().png().toBuffer()), undefined);
  assert.equal(jpegSize(jpeg.subarray(0, 20)), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      jpegSize(Buffer.concat([Buffer.from([0xff, 0xd8]), bytes]));
      return jpegSize(bytes.subarray(0, 1)) === undefined;
    }),
  );
});
