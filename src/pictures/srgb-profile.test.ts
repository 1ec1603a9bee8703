import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { plain, red } from './pictures.fixture.ts';
import { isSrgbProfile } from './srgb-profile.ts';

async function profile(name: string): Promise<Buffer> {
  const tagged = await plain(red).withIccProfile(name).png().toBuffer();
  const { icc } = await sharp(tagged).metadata();
  return icc ?? assert.fail('no profile');
}

/** An RGB profile with the primaries of sRGB and these curves. */
function withCurves(curve: Buffer): Buffer {
  const xyz = (...values: number[]) => {
    const tag = Buffer.alloc(20);
    tag.write('XYZ ');
    for (const [index, value] of values.entries())
      tag.writeInt32BE(Math.round(value * 65_536), 8 + 4 * index);
    return tag;
  };
  const tags: [string, Buffer][] = [
    ['rXYZ', xyz(0.43607, 0.22249, 0.01392)],
    ['gXYZ', xyz(0.38515, 0.71687, 0.09708)],
    ['bXYZ', xyz(0.14307, 0.06061, 0.7141)],
    ...['rTRC', 'gTRC', 'bTRC'].map((name): [string, Buffer] => [name, curve]),
  ];
  const table = Buffer.alloc(132 + 12 * tags.length);
  table.write('RGB XYZ ', 16);
  table.writeUInt32BE(tags.length, 128);
  let start = table.length;
  for (const [index, [name, { length }]] of tags.entries()) {
    table.write(name, 132 + 12 * index);
    table.writeUInt32BE(start, 136 + 12 * index);
    table.writeUInt32BE(length, 140 + 12 * index);
    start += length;
  }
  return Buffer.concat([table, ...tags.map(([, tag]) => tag)]);
}

function table(count: number, linear: (value: number) => number): Buffer {
  const tag = Buffer.alloc(12 + 2 * count);
  tag.write('curv');
  tag.writeUInt32BE(count, 8);
  for (let i = 0; i < count; i++) tag.writeUInt16BE(Math.round(linear(i / (count - 1)) * 65_535), 12 + 2 * i);
  return tag;
}

const srgbCurve = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

test('profiles that say sRGB are known, however their curves are written', async () => {
  assert.equal(isSrgbProfile(await profile('srgb')), true);
  assert.equal(isSrgbProfile(withCurves(table(1_024, srgbCurve))), true);
});

test('a profile of other colours is never taken for sRGB', async () => {
  assert.equal(isSrgbProfile(await profile('p3')), false);
  assert.equal(isSrgbProfile(withCurves(table(1_024, (value) => value ** 1.8))), false);
  assert.equal(isSrgbProfile(withCurves(table(1_024, (value) => value ** 2.2))), false);
  const straight = Buffer.alloc(12);
  straight.write('curv');
  assert.equal(isSrgbProfile(withCurves(straight)), false);
});

test('a profile that is broken is not taken for sRGB', async () => {
  const whole = await profile('srgb');
  for (let length = 0; length < whole.length - 40; length += 13) {
    assert.equal(isSrgbProfile(whole.subarray(0, length)), false, `${length} bytes`);
  }
});
