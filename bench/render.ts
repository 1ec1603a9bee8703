/** How long a picture takes to become a photo, beside sharp doing the plainest thing. */
import sharp from 'sharp';
import { RenderPool } from '../src/pictures/render-pool.ts';
import { type Figure, figureOf } from './figure.ts';
import { inTurns, wallMs } from './rounds.ts';
import { samples } from './samples.ts';

const rows: readonly { sample: keyof typeof samples; name: string; atMost: number }[] = [
  { sample: 'jpeg', name: 'JPEG 12 MP', atMost: 1 },
  { sample: 'png', name: 'PNG 1080×1920', atMost: 1 },
  { sample: 'webp', name: 'WebP 512×512', atMost: 1 },
  { sample: 'svg', name: 'SVG 800×600 with text', atMost: 1 },
  { sample: 'gif', name: 'GIF 480×480, 12 frames', atMost: 1 },
  { sample: 'jpegSrgb', name: 'JPEG 12 MP, sRGB profile', atMost: 0.8 },
  { sample: 'jpegP3', name: 'JPEG 12 MP, Display P3 profile', atMost: 0.65 },
];

const plainSharp = (source: Buffer) =>
  sharp(source).resize(640, 640, { fit: 'cover' }).jpeg({ quality: 80 }).toBuffer();

export async function renderFigures(rounds: number): Promise<Figure[]> {
  using pool = new RenderPool({ concurrency: 1 });
  const figures: Figure[] = [];
  for (const { sample, name, atMost } of rows) {
    const source = await samples[sample]();
    const pairs = await inTurns(rounds, {
      ours: () => wallMs(() => pool.renderGroupPhoto(source)),
      theirs: () => wallMs(() => plainSharp(source)),
    });
    figures.push(
      figureOf(
        {
          name: `render, ${name}`,
          comparedWith: 'plain sharp, q80',
          unit: 'ms',
          target: { atMost },
        },
        pairs,
      ),
    );
  }
  return figures;
}

/** How many renders a second two at a time give, beside one at a time. */
export async function parallelFigures(rounds: number): Promise<Figure[]> {
  using two = new RenderPool({ concurrency: 2 });
  using one = new RenderPool({ concurrency: 1 });
  const source = await samples.jpeg();
  const count = 16;
  const perSecond = async (pool: RenderPool) => {
    const all = () => Promise.all(Array.from({ length: count }, () => pool.renderGroupPhoto(source)));
    return count / ((await wallMs(all)) / 1_000);
  };
  const pairs = await inTurns(rounds, { ours: () => perSecond(two), theirs: () => perSecond(one) });
  const about = {
    name: 'renders per second, two at a time',
    comparedWith: 'one at a time',
    unit: '/s',
    target: { atLeast: 1.8 },
  };
  return [figureOf(about, pairs)];
}
