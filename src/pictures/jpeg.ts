import type { Sharp } from 'sharp';

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
 * A picture as JPEG of at most 100 kB, in the best quality that gets it there. `open` gives a pipeline that draws the
 * picture; it is called once for each attempt, which is once for most pictures.
 */
export async function jpegOf(open: () => Sharp): Promise<Uint8Array> {
  let jpeg = Buffer.alloc(0);
  let allowedShare = 1;
  for (const { quality, share } of qualities) {
    if (share > allowedShare) continue; // after what came before, this one would be too large as well
    // Optimised Huffman tables would double the time for 4 % fewer bytes.
    jpeg = await open().jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false }).toBuffer();
    if (jpeg.length <= maxBytes) break;
    allowedShare = (leniency * share * maxBytes) / jpeg.length;
  }
  return jpeg;
}
