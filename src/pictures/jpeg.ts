import sharp, { type Sharp } from 'sharp';
import type { Drawing } from './square.ts';

/** What go-whatsapp keeps to; WhatsApp publishes no limit. */
const maxBytes = 100_000;

/**
 * The qualities that may be tried, with the share of the bytes of the first one that a JPEG usually takes (measured on
 * photos, drawings and noise).
 */
const qualities = [
  { quality: 80, share: 1 },
  { quality: 72, share: 0.82 },
  { quality: 64, share: 0.71 },
  { quality: 56, share: 0.63 },
  { quality: 48, share: 0.57 },
  { quality: 40, share: 0.52 },
  { quality: 30, share: 0.43 },
  { quality: 20, share: 0.33 },
  { quality: 10, share: 0.2 },
  { quality: 5, share: 0.11 },
] as const;
/** Pictures differ from what is usual; an attempt that may well succeed is made. */
const leniency = 1.03;

/**
 * A picture as JPEG of at most 100 kB, in the best quality that gets it there; for most pictures that is the first one.
 * What would have to be decoded anew for another attempt is made of the first JPEG instead: that costs some half a
 * decibel, decoding a large picture twice would double its time.
 */
export async function jpegOf({ open, decodesAnew }: Drawing): Promise<Uint8Array> {
  const [{ quality: firstQuality }, ...lower] = qualities;
  const first = await encode(open(), firstQuality);
  let jpeg = first;
  let allowedShare = (leniency * maxBytes) / first.length;
  for (const { quality, share } of lower) {
    if (jpeg.length <= maxBytes) break;
    if (share > allowedShare) continue; // after what came before, this one would be too large as well
    jpeg = await encode(decodesAnew ? sharp(first) : open(), quality);
    allowedShare = (leniency * share * maxBytes) / jpeg.length;
  }
  return jpeg;
}

/** Optimised Huffman tables would double the time for 4 % fewer bytes. */
const encode = (picture: Sharp, quality: number): Promise<Buffer> =>
  picture
    .toColourspace('srgb')
    .jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false })
    .toBuffer();
