import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { type PhotoOptions, positions } from './photo.ts';
import {
  animatedPng,
  assertColour,
  blue,
  type Colour,
  green,
  noise,
  photoOf,
  picture,
  plain,
  red,
  white,
  yellow,
} from './pictures.fixture.ts';

/** Three squares in a row: red, green, blue. */
const wide = picture(
  2_100,
  700,
  [red, 0, 0, 700, 700],
  [green, 700, 0, 700, 700],
  [blue, 1_400, 0, 700, 700],
);
const widePng = await wide.png().toBuffer();
const tallPng = await sharp(widePng).rotate(90).png().toBuffer(); // red at the top
const corners = [
  [20, 20],
  [620, 20],
  [20, 620],
  [620, 620],
] as const;

test('cover keeps the part that the position names', async () => {
  const kept: Record<(typeof positions)[number], [ofWide: Colour, ofTall: Colour] | undefined> = {
    centre: [green, green],
    north: [green, red],
    northeast: [blue, red],
    east: [blue, green],
    southeast: [blue, blue],
    south: [green, blue],
    southwest: [red, blue],
    west: [red, green],
    northwest: [red, red],
    attention: undefined, // the next test
  };
  for (const position of positions) {
    const [ofWide, ofTall] = kept[position] ?? [];
    if (!ofWide || !ofTall) continue;
    const [photoOfWide, photoOfTall] = [
      await photoOf(widePng, { position }),
      await photoOf(tallPng, { fit: 'cover', position }),
    ];
    for (const [x, y] of corners) {
      assertColour(photoOfWide.at(x, y), ofWide, 12, `${position} of the wide one`);
      assertColour(photoOfTall.at(x, y), ofTall, 12, `${position} of the tall one`);
    }
  }
});

test('attention keeps what strikes the eye', async () => {
  const flower = await picture(
    2_000,
    500,
    [[128, 128, 128], 0, 0, 2_000, 500],
    [red, 1_600, 150, 100, 200],
    [yellow, 1_640, 200, 30, 90],
  )
    .png()
    .toBuffer();
  const photo = await photoOf(flower, { position: 'attention' });
  const pixels = await sharp(photo.jpeg).raw().toBuffer();
  const isRed = (at: number) => (pixels[at] ?? 0) > 200 && (pixels[at + 1] ?? 0) < 60;
  assert.ok(Array.from({ length: 640 * 640 }, (_, i) => 3 * i).some(isRed), 'the flower is not in the photo');
  assert.match(photo.warnings[0]?.message ?? '', /2000×500; the most striking 500×500 are shown/);
});

test('contain keeps the whole picture, at its place on the background', async () => {
  const [bandTop, middle, bandBottom] = [60, 320, 580];
  for (const [options, colours] of [
    [{}, [white, green, white]],
    [{ background: '#ff0' }, [yellow, green, yellow]],
    [{ background: '#FFFF00', position: 'attention' }, [yellow, green, yellow]],
    [{ position: 'north' }, [green, white, white]],
    [{ position: 'southeast' }, [white, white, green]],
  ] as [PhotoOptions, Colour[]][]) {
    const photo = await photoOf(widePng, { fit: 'contain', ...options });
    for (const [index, y] of [bandTop, middle, bandBottom].entries()) {
      assertColour(photo.at(320, y), colours[index] ?? red, 12, `${JSON.stringify(options)} at ${y}`);
    }
    if (colours[1] === green) {
      assertColour(photo.at(30, 320), red);
      assertColour(photo.at(610, 320), blue);
    }
  }
  const tall = await photoOf(tallPng, { fit: 'contain' });
  assertColour(tall.at(320, 30), red);
  assertColour(tall.at(60, 320), white);
});

test('the background is painted in its own colour, whatever profile the picture has', async () => {
  const tagged = await plain([200, 80, 40], 900, 300).withIccProfile('p3').png().toBuffer();
  const photo = await photoOf(tagged, { fit: 'contain', background: '#c81e50' });
  assertColour(photo.at(320, 60), [200, 30, 80], 4);
  assertColour(photo.at(320, 320), [200, 80, 40], 4);
});

test('blur fills the square with the picture itself, softened', async () => {
  const stripes = await picture(
    900,
    300,
    [white, 0, 0, 900, 300],
    ...Array.from({ length: 30 }, (_, i): [Colour, number, number, number, number] => [
      red,
      i * 30,
      0,
      15,
      300,
    ]),
  )
    .png()
    .toBuffer();
  const photo = await photoOf(stripes, { fit: 'blur' });
  for (const x of [100, 320, 540]) assertColour(photo.at(x, 40), [255, 128, 128], 25, 'the filling');
  const row = Array.from({ length: 100 }, (_, i) => photo.at(270 + i, 320)[1]);
  assert.ok(Math.max(...row) > 200 && Math.min(...row) < 80, 'the picture itself is sharp');

  const atTop = await photoOf(widePng, { fit: 'blur', position: 'north' });
  assertColour(atTop.at(30, 100), red);
  assertColour(atTop.at(320, 500), green, 40, 'the filling below');

  const half = await picture(900, 300, [red, 0, 0, 450, 300]).png().toBuffer();
  const translucent = await photoOf(half, { fit: 'blur', background: '#00f' });
  assertColour(translucent.at(600, 320), blue, 20);
  assertColour(translucent.at(600, 40), blue, 20);
});

test('a picture that is square looks the same with every fit', async () => {
  const square = await picture(800, 800, [red, 0, 0, 800, 400], [blue, 0, 400, 800, 400]).png().toBuffer();
  for (const fit of ['cover', 'contain', 'blur'] as const) {
    const photo = await photoOf(square, { fit, position: 'northwest' });
    assertColour(photo.at(5, 5), red, 12, fit);
    assertColour(photo.at(635, 635), blue, 12, fit);
    assert.deepEqual(photo.codes, [], fit);
  }
});

test('what is transparent takes the colour of the background', async () => {
  const half = await picture(900, 900, [red, 450, 0, 450, 900]).png().toBuffer();
  const photo = await photoOf(half, { background: '#0000ff' });
  assertColour(photo.at(100, 320), blue);
  assertColour(photo.at(540, 320), red);
  assert.deepEqual(photo.codes, ['transparency_painted']);
  // The edge itself, where one turns into the other, may count as either.
  assert.match(
    photo.warnings[0]?.message ?? '',
    /^5[01] % of the photo was transparent and is painted #0000ff\.$/,
  );
});

test('a picture that is shown as it is gets no warning', async () => {
  const { warnings, source } = await photoOf(await plain(red, 900, 900).jpeg().toBuffer());
  assert.deepEqual(warnings, []);
  assert.deepEqual(source, { type: 'jpeg', width: 900, height: 900 });
  const opaque = await plain(red, 900, 900).ensureAlpha(1).png().toBuffer();
  assert.deepEqual((await photoOf(opaque)).warnings, []); // an alpha channel alone is no transparency
});

test('what its sender may not expect is told with the numbers', async () => {
  const message = async (source: Uint8Array, options: PhotoOptions = {}) =>
    (await photoOf(source, options)).warnings.map((warning) => `${warning.code}: ${warning.message}`);

  assert.deepEqual(await message(widePng), [
    'cropped: The picture is 2100×700; the central 700×700 are shown.',
  ]);
  assert.deepEqual(await message(widePng, { position: 'northwest' }), [
    'cropped: The picture is 2100×700; the left 700×700 are shown.',
  ]);
  assert.deepEqual(await message(tallPng, { position: 'northwest' }), [
    'cropped: The picture is 700×2100; the upper 700×700 are shown.',
  ]);
  assert.deepEqual(await message(widePng, { fit: 'contain', background: '#123' }), [
    "padded: The picture is 2100×700; 427 of the 640 px of the photo's height are filled with #123.",
  ]);
  assert.deepEqual(await message(tallPng, { fit: 'blur' }), [
    "padded: The picture is 700×2100; 427 of the 640 px of the photo's width are filled with the blurred picture itself.",
  ]);
  const small = await plain(red, 300, 200).png().toBuffer();
  assert.deepEqual(await message(small), [
    'cropped: The picture is 300×200; the central 200×200 are shown.',
    'enlarged: The picture is enlarged from 200 px to 640 px, so it may look blurred.',
  ]);
  assert.match((await message(small, { fit: 'contain' }))[1] ?? '', /^enlarged: .*from 300 px/);
});

test('the size that is told is the one that is seen: upright', async () => {
  const sideways = await plain(red, 900, 700).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { source, warnings } = await photoOf(sideways);
  assert.deepEqual(source, { type: 'jpeg', width: 700, height: 900 });
  assert.match(warnings[0]?.message ?? '', /700×900/);
});

test('of an animation or a document of many pages it is told that the first one is shown', async () => {
  const frames = await Promise.all([red, blue].map((colour) => plain(colour, 700, 700).png().toBuffer()));
  const joined = sharp(frames, { join: { animated: true } });
  for (const animation of [
    await joined.clone().gif().toBuffer(),
    await joined.clone().webp().toBuffer(),
    await joined.clone().tiff().toBuffer(),
    animatedPng(frames),
  ]) {
    const { warnings } = await photoOf(animation);
    assert.deepEqual(warnings, [
      { code: 'first_frame_only', message: 'The picture has 2 frames or pages; the first one is shown.' },
    ]);
  }
});

test('the type that is told is the one of the bytes', async () => {
  const square = noise(640, 640);
  for (const [type, encoded] of Object.entries({
    jpeg: square.clone().jpeg(),
    png: square.clone().png(),
    webp: square.clone().webp(),
    gif: square.clone().gif(),
    tiff: square.clone().tiff(),
    avif: square.clone().avif({ effort: 0 }),
  })) {
    assert.equal((await photoOf(await encoded.toBuffer())).source.type, type);
  }
});
