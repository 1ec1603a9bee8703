import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { renderGroupPhoto } from './group-photo.ts';
import { noise, plain, red } from './pictures.fixture.ts';
import { showSamePicture } from './same-picture.ts';

interface Logo {
  /** `x` or `+`: the letter on it. */
  readonly letter?: 'x' | '+';
  readonly accent?: string;
  readonly background?: string;
}

/** A logo with a letter of a tenth of its width and a stripe; drawn without fonts, which differ between machines. */
async function logo({ letter = 'x', accent = '#e33', background = '#fff' }: Logo = {}): Promise<Uint8Array> {
  const strokes = letter === 'x' ? 'M290 470l60 60m-60 0l60-60' : 'M290 500h60m-30-30v60';
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640">
    <rect width="640" height="640" fill="${background}"/><circle cx="320" cy="220" r="140" fill="#135"/>
    <rect x="100" y="570" width="440" height="20" fill="${accent}"/>
    <path d="${strokes}" stroke="#135" stroke-width="14"/></svg>`;
  return (await renderGroupPhoto(Buffer.from(drawing))).jpeg;
}

/** A JPEG as another program makes it of one. */
const saved = (jpeg: Uint8Array, quality: number, side = 640): Promise<Buffer> =>
  sharp(jpeg).resize(side, side).jpeg({ quality }).toBuffer();

test('a picture that was compressed or scaled again is the same', async () => {
  const soft = await noise(40, 40, 60).resize(900, 900, { kernel: 'cubic' }).png().toBuffer();
  const pictures = {
    logo: await logo(),
    'soft shapes': (await renderGroupPhoto(soft)).jpeg,
    noise: (await renderGroupPhoto(await noise(640, 640, 60).png().toBuffer())).jpeg,
  };
  for (const [name, jpeg] of Object.entries(pictures)) {
    assert.equal(await showSamePicture(jpeg, jpeg), true, name);
    for (const quality of [95, 75, 50, 30]) {
      assert.equal(
        await showSamePicture(jpeg, await saved(jpeg, quality)),
        true,
        `${name}, quality ${quality}`,
      );
    }
    for (const side of [720, 320]) {
      assert.equal(await showSamePicture(await saved(jpeg, 50, side), jpeg), true, `${name}, ${side} px`);
    }
  }
});

test('a logo with another letter, another accent or another background is another picture', async () => {
  const shown = await saved(await logo(), 50);
  for (const change of [
    { letter: '+' },
    { accent: '#36c' },
    { accent: '#e93' },
    { background: '#f0f0f0' },
  ] as Logo[]) {
    assert.equal(await showSamePicture(shown, await logo(change)), false, JSON.stringify(change));
  }
});

test('what is turned, mirrored or something else is another picture', async () => {
  const photo = await logo();
  assert.equal(await showSamePicture(photo, await sharp(photo).rotate(180).jpeg().toBuffer()), false);
  const lopsided = await sharp(photo)
    .extract({ left: 100, top: 0, width: 540, height: 540 })
    .jpeg()
    .toBuffer();
  assert.equal(await showSamePicture(lopsided, await sharp(lopsided).flop().jpeg().toBuffer()), false);
  assert.equal(await showSamePicture(photo, await plain(red, 640, 640).jpeg().toBuffer()), false);
});

test('what is no JPEG is compared with nothing', async () => {
  const photo = await logo();
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>');
  for (const other of [svg, Buffer.alloc(0), photo.subarray(0, 2_000)]) {
    await assert.rejects(showSamePicture(photo, other), { code: 'picture_unreadable' });
  }
});
