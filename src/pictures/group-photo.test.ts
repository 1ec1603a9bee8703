import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { GatewayError } from '../errors.ts';
import { renderGroupPhoto } from './group-photo.ts';

type Colour = readonly [red: number, green: number, blue: number];
const red: Colour = [255, 0, 0];
const green: Colour = [0, 128, 0];
const blue: Colour = [0, 0, 255];
const yellow: Colour = [255, 255, 0];
const white: Colour = [255, 255, 255];

/** A picture of rectangles that are drawn one over the other. */
function picture(
  width: number,
  height: number,
  ...rectangles: [Colour, ...area: [number, number, number, number]][]
): Sharp {
  const drawn = rectangles.map(
    ([colour, left, top, w, h]) =>
      `<rect x="${left}" y="${top}" width="${w}" height="${h}" fill="rgb(${colour})"/>`,
  );
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`,
    ),
  );
}

const plain = (colour: Colour, width = 80, height = 60) =>
  picture(width, height, [colour, 0, 0, width, height]).removeAlpha();

const noise = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 128 },
    },
  });

interface Photo {
  at(x: number, y: number): Colour;
}

/** Renders, and checks what is true of every group photo. */
async function photoOf(source: Uint8Array): Promise<Photo> {
  const { jpeg } = await renderGroupPhoto(source);
  assert.ok(jpeg.length <= 100_000, `${jpeg.length} bytes`);
  const { format, width, height, space, chromaSubsampling, isProgressive, exif, icc, xmp } =
    await sharp(jpeg).metadata();
  assert.deepEqual(
    { format, width, height, space, chromaSubsampling, isProgressive, exif, icc, xmp },
    {
      format: 'jpeg',
      width: 640,
      height: 640,
      space: 'srgb',
      chromaSubsampling: '4:2:0',
      isProgressive: false,
      exif: undefined,
      icc: undefined,
      xmp: undefined,
    },
  );
  const pixels = await sharp(jpeg).raw().toBuffer();
  return {
    at: (x, y) => [...pixels.subarray((y * 640 + x) * 3, (y * 640 + x) * 3 + 3)] as unknown as Colour,
  };
}

function assertColour(seen: Colour, wanted: Colour, tolerance = 12, what = ''): void {
  const isNear = wanted.every((value, index) => Math.abs(value - (seen[index] ?? 0)) <= tolerance);
  assert.ok(isNear, `${what}: saw ${seen}, wanted ${wanted}`);
}

async function failureOf(source: Uint8Array): Promise<string> {
  const error = await renderGroupPhoto(source).then(
    () => assert.fail('was rendered'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GatewayError, String(error));
  return `${error.code}: ${error.message}`;
}

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

test('whatever the bytes are, the outcome is a photo or an error about the picture', async () => {
  const samples = await Promise.all([
    noise(40, 30).jpeg().toBuffer(),
    noise(40, 30).png().toBuffer(),
    noise(40, 30).gif().toBuffer(),
    noise(40, 30).webp().toBuffer(),
    noise(40, 30).tiff({ compression: 'deflate' }).toBuffer(),
    noise(40, 30).avif({ effort: 0 }).toBuffer(),
  ]);
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  const damaged = fc.tuple(fc.constantFrom(...samples), damage, fc.nat()).map(([sample, changes, cut]) => {
    const bytes = Buffer.from(sample);
    for (const [position, value] of changes) bytes[position % bytes.length] = value;
    return bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length);
  });
  const outcome = async (source: Uint8Array) => {
    try {
      await photoOf(source);
    } catch (error) {
      assert.ok(
        error instanceof GatewayError && /^picture_(unreadable|too_large)$/.test(error.code),
        String(error),
      );
    }
  };
  await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), outcome), {
    numRuns: 150,
  });
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

/** An APNG of PNGs of one size, each of which has a single IDAT. */
function animatedPng(frames: readonly Buffer[]): Buffer {
  const [first = Buffer.alloc(0)] = frames;
  const signatureAndHeader = first.subarray(0, 33);
  let sequence = 0;
  const chunks = frames.flatMap((frame, index) => {
    const start = frame.indexOf('IDAT');
    const data = frame.subarray(start + 4, start + 4 + frame.readUInt32BE(start - 4));
    const control = Buffer.alloc(26);
    control.writeUInt32BE(sequence++, 0);
    frame.copy(control, 4, 16, 24); // width and height
    control.writeUInt16BE(1, 20);
    control.writeUInt16BE(10, 22);
    if (index === 0) return [chunk('fcTL', control), chunk('IDAT', data)];
    const number = Buffer.alloc(4);
    number.writeUInt32BE(sequence++);
    return [chunk('fcTL', control), chunk('fdAT', Buffer.concat([number, data]))];
  });
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length);
  return Buffer.concat([
    signatureAndHeader,
    chunk('acTL', animation),
    ...chunks,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checked = Buffer.concat([Buffer.from(type), content]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(checked));
  return Buffer.concat([length, checked, checksum]);
}
