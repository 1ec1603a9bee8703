import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import {
  animatedPng,
  assertColour,
  blue,
  type Colour,
  failureOf,
  green,
  noise,
  photoOf,
  picture,
  plain,
  red,
  white,
  yellow,
} from './pictures.fixture.ts';

test('every kind of picture becomes a photo in its own colour', async () => {
  const kinds: Record<string, Sharp> = {
    jpeg: plain(green).jpeg(),
    'progressive jpeg': plain(green).jpeg({ progressive: true }),
    png: plain(green).png(),
    'interlaced png': plain(green).png({ progressive: true }),
    'palette png': plain(green).png({ palette: true }),
    '16-bit png': plain(green).toColourspace('rgb16').png(),
    'lossy webp': plain(green).webp(),
    'lossless webp': plain(green).webp({ lossless: true }),
    gif: plain(green).gif(),
    avif: plain(green).avif({ effort: 0, quality: 90 }),
    tiff: plain(green).tiff(),
    'tiff with a picture size for print': plain(green).tiff({ compression: 'lzw', xres: 300, yres: 300 }),
  };
  for (const [kind, encoded] of Object.entries(kinds)) {
    const photo = await photoOf(await encoded.toBuffer());
    assertColour(photo.at(320, 320), green, 12, kind);
  }
});

test('grey and CMYK pictures come out in their colours', async () => {
  const grey = await plain([128, 128, 128]).greyscale().png({ colours: 256 }).toBuffer();
  assertColour((await photoOf(grey)).at(320, 320), [128, 128, 128]);
  const grey16 = await plain([128, 128, 128]).toColourspace('grey16').png().toBuffer();
  assertColour((await photoOf(grey16)).at(320, 320), [128, 128, 128]);
  // Print colours cannot show this green exactly.
  for (const cmyk of [
    await plain(green).toColourspace('cmyk').jpeg().toBuffer(),
    await plain(green).withIccProfile('cmyk').jpeg().toBuffer(),
  ]) {
    assert.equal((await sharp(cmyk).metadata()).space, 'cmyk');
    assertColour((await photoOf(cmyk)).at(320, 320), green, 45);
  }
});

test('the colours of a profile are converted to sRGB', async () => {
  const tagged = await plain([200, 80, 40], 900, 700).withIccProfile('p3').png().toBuffer();
  const untagged = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
  assertColour([...untagged.subarray(0, 3)] as unknown as Colour, [187, 90, 54], 12, 'stored as P3');
  assertColour((await photoOf(tagged)).at(320, 320), [200, 80, 40], 4);

  const translucent = await sharp(tagged).ensureAlpha(0.5).keepIccProfile().png().toBuffer();
  assertColour((await photoOf(translucent)).at(320, 320), [228, 168, 148], 4);
});

test('a photo taken sideways stands upright, for every orientation of EXIF', async () => {
  const upright = await picture(
    80,
    60,
    [red, 0, 0, 40, 30],
    [green, 40, 0, 40, 30],
    [blue, 0, 30, 40, 30],
    [yellow, 40, 30, 40, 30],
  )
    .png()
    .toBuffer();
  const turned = async (degrees: number) => sharp(await sharp(upright).rotate(degrees).png().toBuffer());
  const stored: Record<number, Sharp> = {
    1: sharp(upright),
    2: sharp(upright).flop(),
    3: await turned(180),
    4: sharp(upright).flip(),
    5: (await turned(90)).flop(),
    6: await turned(270),
    7: (await turned(270)).flop(),
    8: await turned(90),
  };
  for (const [orientation, sideways] of Object.entries(stored)) {
    const photo = await photoOf(
      await sideways
        .withMetadata({ orientation: Number(orientation) })
        .jpeg({ chromaSubsampling: '4:4:4' })
        .toBuffer(),
    );
    const what = `orientation ${orientation}`;
    assertColour(photo.at(120, 120), red, 20, what);
    assertColour(photo.at(520, 120), green, 20, what);
    assertColour(photo.at(120, 520), blue, 20, what);
    assertColour(photo.at(520, 520), yellow, 20, what);
  }
});

test('what is transparent becomes white', async () => {
  const half = await picture(100, 100, [red, 50, 0, 50, 100]).png().toBuffer();
  for (const source of [
    half,
    await sharp(half).webp().toBuffer(),
    await sharp(half).gif().toBuffer(),
    await sharp(half).tiff({ compression: 'lzw' }).toBuffer(),
    await sharp(half).png({ palette: true }).toBuffer(),
    await sharp(half).toColourspace('rgb16').png().toBuffer(),
    await sharp(half).avif({ effort: 0, lossless: true }).toBuffer(),
    await sharp(half).webp({ lossless: true }).toBuffer(),
  ]) {
    const photo = await photoOf(source);
    assertColour(photo.at(100, 320), white);
    assertColour(photo.at(540, 320), red);
  }
  const translucent = await plain(red).ensureAlpha(0.5).png().toBuffer();
  assertColour((await photoOf(translucent)).at(320, 320), [255, 127, 127]);
});

test('a picture that is not square keeps its centre, undistorted', async () => {
  const wide = await picture(
    900,
    300,
    [red, 0, 0, 300, 300],
    [green, 300, 0, 300, 300],
    [blue, 600, 0, 300, 300],
  )
    .png()
    .toBuffer();
  const tall = await sharp(wide).rotate(90).png().toBuffer();
  for (const source of [wide, tall]) {
    const photo = await photoOf(source);
    for (const [x, y] of [
      [6, 6],
      [633, 6],
      [6, 633],
      [633, 633],
    ] as const)
      assertColour(photo.at(x, y), green);
  }
});

test('small pictures are enlarged, down to a single pixel', async () => {
  assertColour((await photoOf(await plain(blue, 1, 1).png().toBuffer())).at(5, 600), blue);
  assertColour((await photoOf(await plain(blue, 1, 40).png().toBuffer())).at(600, 5), blue);
});

test('the JPEG stays below 100 kB even when there is nothing to compress', async () => {
  await photoOf(await noise(640, 640).png().toBuffer());
  await photoOf(await noise(640, 640, 16).png().toBuffer()); // some 6 kB too large at first
  await photoOf(await noise(640, 640).threshold(128, { greyscale: false }).png().toBuffer());
});

test('of an animation, the first frame is shown', async () => {
  const frames = await Promise.all([red, blue].map((colour) => plain(colour).png().toBuffer()));
  const animation = sharp(frames, { join: { animated: true } });
  assertColour((await photoOf(await animation.clone().gif().toBuffer())).at(320, 320), red);
  assertColour((await photoOf(await animation.clone().webp().toBuffer())).at(320, 320), red);
  assertColour((await photoOf(animatedPng(frames))).at(320, 320), red);
});

test('a picture of too many pixels is refused by its header, with its size', async () => {
  const png = await plain(red).png().toBuffer();
  const huge = withChunk(png, 'IHDR', (header) => {
    header.writeUInt32BE(16_000, 0);
    header.writeUInt32BE(16_000, 4);
  });
  assert.match(await failureOf(huge), /^picture_too_large: .*16000×16000.* 100 megapixels/);

  const jpeg = await plain(red).jpeg().toBuffer();
  const startOfFrame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(60_000, startOfFrame + 5);
  jpeg.writeUInt16BE(50_000, startOfFrame + 7);
  assert.match(await failureOf(jpeg), /^picture_too_large: .*50000×60000/);

  // Interlaced, so that it would have to be unpacked as a whole.
  const interlaced = withChunk(png, 'IHDR', (header) => {
    header.writeUInt32BE(8_000, 0);
    header.writeUInt32BE(8_000, 4);
    header.writeUInt8(1, 12);
  });
  assert.match(await failureOf(interlaced), /^picture_too_large: .*8000×8000.* 53 megapixels/);
});

test('a picture too long and thin for a square is refused', async () => {
  assert.match(
    await failureOf(await plain(red, 5_100, 100).png().toBuffer()),
    /^picture_unreadable: .*5100×100/,
  );
  assertColour((await photoOf(await plain(red, 5_000, 100).png().toBuffer())).at(320, 320), red);
});

test('what is no picture is refused by name', async () => {
  assert.match(await failureOf(Buffer.from('%PDF-1.7\n')), /^picture_unreadable: .*PDF/);
  assert.match(await failureOf(Buffer.from('<!doctype html><p>')), /^picture_unreadable: .*HTML/);
  assert.match(await failureOf(Buffer.alloc(100)), /^picture_unreadable: .*not a picture/);
  assert.match(await failureOf(Buffer.alloc(0)), /^picture_unreadable/);
});

test('a picture of which a part is missing is refused', async () => {
  for (const whole of [
    await noise(300, 300).jpeg().toBuffer(),
    await noise(300, 300).png().toBuffer(),
    await noise(300, 300).webp().toBuffer(),
    await noise(300, 300).tiff().toBuffer(),
    await noise(300, 300).avif({ effort: 0 }).toBuffer(),
  ]) {
    assert.match(
      await failureOf(whole.subarray(0, whole.length / 2)),
      /^picture_unreadable: .*(damaged|cut off)/,
    );
  }
});

test('bytes after the end of a picture do no harm', async () => {
  const jpeg = await plain(red).jpeg().toBuffer();
  assertColour((await photoOf(Buffer.concat([jpeg, Buffer.alloc(1000, 7)]))).at(320, 320), red);
});

/** A PNG with the content of its first chunk of this type changed, and its checksum made right. */
function withChunk(png: Buffer, type: string, change: (content: Buffer) => void): Buffer {
  const changed = Buffer.from(png);
  const start = changed.indexOf(type);
  const end = start + 4 + changed.readUInt32BE(start - 4);
  change(changed.subarray(start + 4, end));
  changed.writeUInt32BE(crc32(changed.subarray(start, end)), end);
  return changed;
}
