import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import sharp from 'sharp';
import type { RenderedPhoto } from './photo.ts';
import { RenderPool } from './render-pool.ts';

const logo = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>',
);
/** Some 20 s of work for librsvg, which nothing but the end of its process can stop. */
const endless = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="640">
    <filter id="f"><feTurbulence numOctaves="10" baseFrequency="0.5"/><feGaussianBlur stdDeviation="50"/></filter>
    ${'<rect filter="url(#f)" width="640" height="640"/>'.repeat(50)}
  </svg>`,
);

const formatOf = async ({ jpeg }: RenderedPhoto) => (await sharp(jpeg).metadata()).format;

test('pictures of every kind are rendered', async () => {
  using pool = new RenderPool();
  const png = await sharp(logo).png().toBuffer();
  assert.equal(await formatOf(await pool.renderGroupPhoto(png)), 'jpeg');
  assert.equal(await formatOf(await pool.renderGroupPhoto(logo)), 'jpeg');
});

test('how the picture is made square, and what is told about it, pass through to the process that draws SVGs', async () => {
  using pool = new RenderPool();
  const band = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><path d="M0 0h20v10H0z"/><use href="a.svg#b"/></svg>',
  );
  const options = { fit: 'contain', position: 'north', background: '#00f' } as const;
  const { jpeg, warnings, source } = await pool.renderGroupPhoto(band, options);
  const pixels = await sharp(jpeg).raw().toBuffer();
  const at = (x: number, y: number) => [...pixels.subarray((y * 640 + x) * 3, (y * 640 + x) * 3 + 3)];
  assert.ok(at(320, 160).every((value) => value < 12));
  assert.ok(at(320, 500).every((value, index) => Math.abs(value - (index === 2 ? 255 : 0)) < 12));
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['external_reference_ignored', 'padded'],
  );
  assert.match(warnings[0]?.message ?? '', /a\.svg#b/);
  assert.deepEqual(source, { type: 'svg', width: 20, height: 10 });
});

test('pictures are compared in their turn', async () => {
  using pool = new RenderPool({ concurrency: 1, queueLimit: 0 });
  const { jpeg } = await pool.renderGroupPhoto(await sharp(logo).png().toBuffer());
  const first = pool.showSamePicture(jpeg, jpeg);
  await assert.rejects(pool.showSamePicture(jpeg, jpeg), { code: 'overloaded' });
  assert.equal(await first, true);
});

test('an SVG that never gets done is given up with its process, and others are drawn after it', async () => {
  using pool = new RenderPool({ concurrency: 1, svgTimeoutMs: 1_000 });
  const given = assert.rejects(pool.renderGroupPhoto(endless), {
    code: 'picture_unreadable',
    message: /too long to draw/,
  });
  await given;
  const isDrawing = () => process.getActiveResourcesInfo().includes('ProcessWrap');
  for (const deadline = Date.now() + 5_000; isDrawing() && Date.now() < deadline; ) await nextTurn();
  assert.ok(!isDrawing());
  const next = pool.renderGroupPhoto(logo);
  assert.equal(await formatOf(await next), 'jpeg');
});

test('other pictures do not wait behind SVGs that never get done', async () => {
  using pool = new RenderPool({ concurrency: 1 });
  const png = await sharp(logo).png().toBuffer();
  let isGivenUp = false;
  const given = assert.rejects(pool.renderGroupPhoto(endless)).then(() => {
    isGivenUp = true;
  });
  assert.equal(await formatOf(await pool.renderGroupPhoto(png)), 'jpeg');
  assert.equal(isGivenUp, false);
  await given;
});

test('an SVG that unfolds into gigabytes is given up, and others are drawn after it', async () => {
  using pool = new RenderPool({ concurrency: 1 });
  const background = { r: 0, g: 0, b: 0 };
  const large = sharp({ create: { width: 10_000, height: 10_000, channels: 3, background } });
  const png = (await large.png({ compressionLevel: 9 }).toBuffer()).toString('base64');
  const image = `<image width="9" height="9" href="data:image/png;base64,${png}"/>`;
  const bomb = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${image.repeat(4)}</svg>`;
  const given = assert.rejects(pool.renderGroupPhoto(Buffer.from(bomb)), {
    code: 'picture_unreadable',
    message: /needs more than this server gives it/,
  });
  const next = pool.renderGroupPhoto(logo);
  await given;
  assert.equal(await formatOf(await next), 'jpeg');
});

test('an SVG that cannot be read fails like any other picture', async () => {
  using pool = new RenderPool();
  await assert.rejects(pool.renderGroupPhoto(Buffer.from('<svg')), {
    name: 'GatewayError',
    code: 'picture_unreadable',
    message: /an SVG but cannot be read/,
  });
});

test('a pool that is full says so', async () => {
  using pool = new RenderPool({ concurrency: 1, queueLimit: 0 });
  const png = await sharp(logo).png().toBuffer();
  const first = pool.renderGroupPhoto(png);
  await assert.rejects(pool.renderGroupPhoto(png), { code: 'overloaded' });
  await first;
});

test('what draws SVGs is told nothing of our environment', async (t) => {
  process.env.NODE_OPTIONS = '--no-such-option'; // a Node that is told so does not even start
  t.after(() => delete process.env.NODE_OPTIONS);
  using pool = new RenderPool();
  assert.equal(await formatOf(await pool.renderGroupPhoto(logo)), 'jpeg');
});
