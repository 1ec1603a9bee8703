import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { fits } from './photo.ts';
import { noise, plain, pngChunk, red } from './pictures.fixture.ts';
import type { Outcome } from './render-all.fixture.ts';

/**
 * What one picture may take of the process that renders it; see `limits.ts`. SVGs are drawn in a process further down,
 * which is ended after 2 s or at 320 MB: what they do to us is measured here, what becomes of them is their outcome.
 */
const maxMemoryBytes = 300e6;
/** Of the processor, not of the clock: other work on the machine shall not fail the test. */
const maxCpuMs = 2_000;

class Renderer implements Disposable {
  readonly #child = fork(new URL('./render-all.fixture.ts', import.meta.url), {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

  async render(source: Uint8Array, options = {}): Promise<Outcome> {
    const settled = new AbortController();
    const { signal } = settled;
    const ended = once(this.#child, 'exit', { signal }).then(([code, by]) => {
      assert.fail(`the process ended with ${code ?? by}`);
    });
    const answered = once(this.#child, 'message', { signal }).then(([outcome]): Outcome => outcome);
    ended.catch(() => {});
    answered.catch(() => {});
    this.#child.send({ source, options });
    try {
      return await Promise.race([answered, ended]);
    } finally {
      settled.abort();
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

function assertBearable({ result, cpuMs, peakMemoryBytes }: Outcome, what: string): void {
  assert.match(result, /^(?:photo|picture_unreadable|picture_too_large)$/, what);
  assert.ok(cpuMs < maxCpuMs, `${what}: ${Math.round(cpuMs)} ms of work`);
  assert.ok(peakMemoryBytes < maxMemoryBytes, `${what}: ${Math.round(peakMemoryBytes / 1e6)} MB`);
}

/** A PNG of one grey, black and white, that is a hundred thousand times smaller than its pixels. */
function vastPng(side: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const pixels = deflateSync(Buffer.alloc(side * (1 + side / 8)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

const flat = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({
    limitInputPixels: false,
    create: { width, height, channels, background: { r: 9, g: 90, b: 200, alpha: 0.5 } },
  });

/**
 * A progressive JPEG whose scans each go over all blocks and say nothing: one for each coefficient and bit. The tables
 * know a single code, which ends 16,384 blocks at once.
 */
function jpegOfScans(side: number, count: number): Buffer {
  const segment = (marker: number, ...content: number[]) => [0xff, marker, 0, content.length + 2, ...content];
  const size = [side >> 8, side & 255];
  const oneCode = [1, ...Array(15).fill(0)];
  const blocks = (side / 8) ** 2;
  const scans: number[][] = [];
  for (let bit = 13; bit >= 0; bit--) {
    for (let coefficient = 1; coefficient < 64; coefficient++) {
      for (const component of [1, 2, 3]) {
        const bits = bit === 13 ? bit : ((bit + 1) << 4) | bit;
        scans.push(segment(0xda, 1, component, 0, coefficient, coefficient, bits));
      }
    }
  }
  const endsOfAllBlocks = Buffer.alloc(Math.ceil((Math.ceil(blocks / 16_384) * 15) / 8));
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, ...segment(0xdb, 0, ...Array(64).fill(1))]),
    Buffer.from(segment(0xc2, 8, ...size, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)),
    Buffer.from([...segment(0xc4, 0x00, ...oneCode, 0), ...segment(0xc4, 0x10, ...oneCode, 0xe0)]),
    Buffer.from(segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0)),
    Buffer.alloc(Math.ceil((blocks * 3) / 8)),
    ...scans.slice(0, count).flatMap((scan) => [Buffer.from(scan), endsOfAllBlocks]),
    Buffer.from([0xff, 0xd9]),
  ]);
}

const svg = (content: string, beginning = '') =>
  Buffer.from(`${beginning}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${content}</svg>`);

const entities = Array.from({ length: 5 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
const doctype = `<!DOCTYPE svg [<!ENTITY e0 "<path d='M0 0h9'/>">${entities.join('')}]>`;

const bombs: Record<string, [expected: RegExp, make: () => Buffer | Promise<Buffer>]> = {
  'a PNG of 16,000 × 16,000': [/too_large/, () => vastPng(16_000)],
  'a PNG of 100 megapixels': [/photo/, () => vastPng(10_000)],
  'an interlaced PNG of 50 megapixels': [
    /photo/,
    () => flat(10_000, 5_000).png({ progressive: true }).toBuffer(),
  ],
  'a JPEG of 100 megapixels': [/photo/, () => flat(10_000, 10_000).jpeg().toBuffer()],
  'a JPEG of more': [/too_large/, () => flat(10_000, 10_008).jpeg().toBuffer()],
  'a progressive JPEG of 100 megapixels': [
    /too_large/,
    () => flat(10_000, 10_000).jpeg({ progressive: true }).toBuffer(),
  ],
  'a progressive JPEG of 40 megapixels': [
    /photo/,
    () => flat(8_000, 5_000).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
  ],
  'a JPEG of 2,600 scans': [/unreadable/, () => jpegOfScans(6_320, 2_600)],
  'a JPEG of as many scans as may be': [/photo/, () => jpegOfScans(6_320, 63)],
  'a GIF of 40 megapixels': [/photo/, () => flat(8_000, 5_000).gif().toBuffer()],
  'a lossless WebP of 40 megapixels': [
    /photo/,
    () => flat(8_000, 5_000, 4).webp({ lossless: true, effort: 0 }).toBuffer(),
  ],
  'an AVIF of 13 megapixels': [/photo/, () => flat(4_300, 3_000).avif({ effort: 0 }).toBuffer()],
  'a TIFF of 40 megapixels': [
    /photo/,
    () => flat(8_000, 5_000, 4).tiff({ compression: 'deflate' }).toBuffer(),
  ],
  'an SVG in gzip': [/unreadable/, () => gzipSync(svg('<path d="M0 0h9"/>'.repeat(1e6)))],
  'an SVG of 200,000 shapes': [/./, () => svg('<path d="M0 0h9v9"/>'.repeat(2e5))],
  'an SVG whose entities unfold over 5 levels': [/unreadable/, () => svg('&e5;', doctype)],
  'an SVG that uses itself over 20 levels': [
    /./,
    () =>
      svg(
        `<g id="g0"><path d="M0 0h9v9"/></g>${Array.from({ length: 20 }, (_, i) => `<g id="g${i + 1}">${`<use href="#g${i}"/>`.repeat(4)}</g>`).join('')}`,
      ),
  ],
  'an SVG of 100,000 groups within each other': [
    /unreadable/,
    () => svg(`${'<g>'.repeat(1e5)}${'</g>'.repeat(1e5)}`),
  ],
};

for (const [name, [expected, make]] of Object.entries(bombs)) {
  test(`${name} takes no more time or memory than its share`, async () => {
    const bomb = await make();
    using renderer = new Renderer();
    const outcome = await renderer.render(bomb);
    assertBearable(outcome, name);
    assert.match(outcome.result, expected);
  });
}

test('whatever the bytes are, the outcome is a photo or an error about the picture, at a bearable price', async () => {
  using renderer = new Renderer();
  const samples = await Promise.all([
    noise(64, 48).jpeg().toBuffer(),
    noise(64, 48).jpeg({ progressive: true }).toBuffer(),
    noise(64, 48).png().toBuffer(),
    noise(64, 48).png({ progressive: true }).toBuffer(),
    noise(64, 48).gif().toBuffer(),
    noise(64, 48).webp().toBuffer(),
    noise(64, 48).webp({ lossless: true }).toBuffer(),
    noise(64, 48).tiff({ compression: 'deflate' }).toBuffer(),
    plain(red).withIccProfile('p3').jpeg().toBuffer(),
    noise(64, 48).avif({ effort: 0 }).toBuffer(),
    svg('<defs><linearGradient id="a"/></defs><path d="M0 0h9v9" fill="url(#a)" transform="scale(2)"/>'),
  ]);
  const sample = fc.constantFrom(...samples);
  const random = fc.uint8Array({ maxLength: 300 });
  const flipped = fc
    .tuple(sample, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }))
    .map(([bytes, changes]) => {
      const changed = Buffer.from(bytes);
      for (const [position, value] of changes) changed[position % changed.length] = value;
      return changed;
    });
  const cut = fc.tuple(flipped, fc.nat()).map(([bytes, length]) => bytes.subarray(0, length % bytes.length));
  const spliced = fc
    .tuple(sample, sample, fc.nat(), fc.nat())
    .map(([a, b, endA, startB]) =>
      Buffer.concat([a.subarray(0, endA % a.length), b.subarray(startB % b.length)]),
    );
  const withMagic = fc.tuple(sample, random).map(([a, b]) => Buffer.concat([a.subarray(0, 24), b]));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(random, flipped, cut, spliced, withMagic),
      fc.constantFrom(...fits),
      async (source, fit) => assertBearable(await renderer.render(source, { fit }), fit),
    ),
    { numRuns: 250 },
  );
});
