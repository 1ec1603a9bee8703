/** The pictures that are measured with: made here, the same ones every time. */
import sharp, { type Sharp } from 'sharp';

/** Noise in several sizes, as hard to compress as a photo with grain: a dozen megapixels by default. */
async function scene(width = 4000, height = 3000): Promise<Sharp> {
  const coarse = await octave(width / 250, height / 250, width, height);
  const middle = await octave(width / 25, height / 25, width, height);
  const fine = await octave(width / 2, height / 2, width, height);
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = (coarse[at] ?? 0) * 0.6 + (middle[at] ?? 0) * 0.3 + (fine[at] ?? 0) * 0.1;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function octave(columns: number, rows: number, width: number, height: number): Promise<Buffer> {
  const size = { width: Math.ceil(columns), height: Math.ceil(rows) };
  const noise = Buffer.alloc(size.width * size.height * 3);
  let seed = size.width;
  for (let at = 0; at < noise.length; at++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    noise[at] = seed >> 16;
  }
  return sharp(noise, { raw: { ...size, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600"><defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#0f766e"/><stop offset="1" stop-color="#34d399"/></linearGradient></defs><rect width="800" height="600" fill="url(#sky)"/><circle cx="400" cy="260" r="180" fill="#fff" fill-opacity=".9"/><text x="400" y="290" font-family="sans-serif" font-size="96" text-anchor="middle">Loja</text><path d="M100 520c150-120 450-120 600 0" stroke="#fff" stroke-width="24" fill="none"/></svg>`;

/** The pictures by name; each is made when it is asked for. */
export const samples = {
  jpeg: async () => (await scene()).jpeg({ quality: 90 }).toBuffer(),
  jpegSrgb: async () => (await scene()).jpeg({ quality: 90 }).withIccProfile('srgb').toBuffer(),
  jpegP3: async () => (await scene()).jpeg({ quality: 90 }).withIccProfile('p3').toBuffer(),
  png: async () => (await scene(1080, 1920)).png().toBuffer(),
  webp: async () => (await scene(512, 512)).webp({ quality: 80 }).toBuffer(),
  gif: async () => {
    const frames = await (await scene(480, 480 * 12)).raw().toBuffer();
    return sharp(frames, { raw: { width: 480, height: 480 * 12, channels: 3, pageHeight: 480 } })
      .gif()
      .toBuffer();
  },
  svg: async () => Buffer.from(logo),
} as const satisfies Record<string, () => Promise<Buffer>>;

/** A ready group photo of about 68 kB, as much as WhatsApp gets as a rule; `mark` makes it another one. */
export async function readyPhoto(mark = 0): Promise<Buffer> {
  const pixels = await (await scene(640, 640)).raw().toBuffer();
  pixels.fill(mark, 0, 640 * 3 * 8);
  for (const quality of [95, 92, 90, 87, 85, 80, 75, 70, 60, 50]) {
    const jpeg = await sharp(pixels, { raw: { width: 640, height: 640, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
    if (jpeg.length <= 70_000) return jpeg;
  }
  throw new Error('The sample does not get small enough.');
}
