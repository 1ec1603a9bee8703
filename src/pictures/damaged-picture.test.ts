import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { assertColour, failureOf, noise, photoOf } from './pictures.fixture.ts';

/** Red noise of 800×1200: it keeps its bytes evenly spread over its lines. */
const redNoise = () => noise(800, 1_200, 10).linear([1, 0.05, 0.05], [110, 0, 0]);
const upTo = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));

/** With a marker in the middle of the pixels of a JPEG, or bytes that no PNG was compressed to. */
function brokenAt(bytes: Buffer, share: number): Buffer {
  const broken = Buffer.from(bytes);
  const start = Math.floor(broken.length * share);
  return broken.fill(Buffer.from([0xff, 0x3a]), start, start + 40);
}

async function assertShown(source: Buffer, what: string): Promise<string> {
  const photo = await photoOf(source);
  for (const y of [5, 320, 634]) {
    const [r, g, b] = photo.at(320, y);
    assert.ok(r > 180 && g < 90 && b < 90, `${what}: saw ${[r, g, b]} at ${y}`);
  }
  assert.deepEqual(photo.source.height, 1_200, what);
  assert.equal(photo.codes[0], 'damaged', what);
  return photo.warnings[0]?.message ?? '';
}

test('of a JPEG or PNG with a broken tail the lines that are whole are shown, and no others', async () => {
  const whole = { jpeg: await redNoise().jpeg().toBuffer(), png: await redNoise().png().toBuffer() };
  for (const [type, bytes] of Object.entries(whole)) {
    const message = await assertShown(upTo(bytes, 0.72), `${type} cut off`);
    assert.match(message, /only the first (?:825|750) of its 1200 lines can be read/, type);
    await assertShown(brokenAt(bytes, 0.72), `${type} with a fault`);
  }
});

test('a JPEG that lacks its last bytes is shown', async () => {
  const bytes = await redNoise().jpeg().toBuffer();
  const photo = await photoOf(bytes.subarray(0, -2));
  assert.ok(photo.at(320, 320)[0] > 180);
});

test('of a progressive JPEG that is cut off the whole is shown with less detail', async () => {
  const bytes = await redNoise().jpeg({ progressive: true }).toBuffer();
  for (const share of [0.4, 0.95]) {
    assert.match(await assertShown(upTo(bytes, share), `up to ${share}`), /details are missing/);
  }
});

test('what is left of a picture taken sideways stands upright', async () => {
  const blueOnTheLeft = { create: { width: 400, height: 1_200, channels: 3 as const, background: '#00f' } };
  const sideways = await sharp(await redNoise().png().toBuffer())
    .composite([{ input: blueOnTheLeft, gravity: 'west' }])
    .removeAlpha()
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const photo = await photoOf(upTo(sideways, 0.8));
  // Stored on the left is seen at the top; the lower lines, which are missing, would be on the left.
  assertColour(photo.at(320, 100), [0, 0, 255], 40);
  assert.ok(photo.at(320, 540)[0] > 180);
  assert.deepEqual(photo.source, { type: 'jpeg', width: 1_200, height: 800 });
  assert.equal(photo.codes[0], 'damaged');
});

test('a picture of which less than the half is there is refused', async () => {
  const interlaced = await redNoise().png({ progressive: true }).toBuffer();
  const progressive = await redNoise().jpeg({ progressive: true }).toBuffer();
  const jpeg = await redNoise().jpeg().toBuffer();
  const garbled = Buffer.from(jpeg);
  for (let at = 700; at < garbled.length; at++) garbled[at] = (at * 7_919) % 256;
  for (const [what, bytes] of Object.entries({
    jpeg: upTo(jpeg, 0.45),
    'jpeg with a header alone': jpeg.subarray(0, 700),
    'jpeg with a fault in its upper half': brokenAt(jpeg, 0.3),
    'jpeg with garbage behind its header': garbled,
    'progressive jpeg': upTo(progressive, 0.05),
    png: upTo(await redNoise().png().toBuffer(), 0.45),
    'interlaced png': upTo(interlaced, 0.9),
    webp: upTo(await redNoise().webp().toBuffer(), 0.9),
    gif: upTo(await noise(300, 300).gif().toBuffer(), 0.4),
    tiff: upTo(await redNoise().tiff().toBuffer(), 0.9),
    avif: upTo(await noise(300, 300).avif({ effort: 0 }).toBuffer(), 0.8),
  })) {
    assert.match(await failureOf(bytes, what), /^picture_unreadable: .*(damaged|cut off)/, what);
  }
});
