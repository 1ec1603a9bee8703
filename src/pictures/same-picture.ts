import { admit, brokenPicture } from './admit.ts';
import { openPicture } from './open-picture.ts';
import { jpeg, sniff } from './sniff.ts';
import { unreadable } from './unreadable.ts';

/** Pictures are compared at this size: small enough to hide recompression, large enough to show a letter. */
const sidePx = 64;
/**
 * Differences of one colour of one pixel, of 255. Recompressed down to quality 30 and scaled to 720 or 320 px, photos
 * full of detail, logos and noise differ by at most 4.5 in the mean and 36 in one place; one letter or a stripe of
 * another colour in a logo differ by 60 to 230 in one place, another shade of its background by 8 in the mean.
 */
const maxMeanDifference = 5;
const maxLargestDifference = 40;

/**
 * Whether two JPEGs show the same picture although one may be the other after WhatsApp compressed or scaled it.
 *
 * It tells a logo from the same logo with another letter or accent colour. Strokes thinner than about a hundredth of
 * the picture's width and shades that differ by less than 5 of 255 pass as the same. What was cropped, turned or
 * mirrored is another picture.
 * Errors: `picture_unreadable` for what is not a whole JPEG, `picture_too_large`.
 */
export async function showSamePicture(a: Uint8Array, b: Uint8Array): Promise<boolean> {
  const [pixelsA, pixelsB] = await Promise.all([pixelsOf(a), pixelsOf(b)]);
  let [sum, largest] = [0, 0];
  for (const [index, value] of pixelsA.entries()) {
    const difference = Math.abs(value - (pixelsB[index] ?? 0));
    sum += difference;
    if (difference > largest) largest = difference;
  }
  return sum <= maxMeanDifference * pixelsA.length && largest <= maxLargestDifference;
}

async function pixelsOf(picture: Uint8Array): Promise<Buffer> {
  if (sniff(picture) !== jpeg) throw unreadable('Only JPEGs can be compared.');
  const { type, header } = await admit(picture);
  const small = openPicture(picture, header).resize(sidePx, sidePx, { fit: 'fill', fastShrinkOnLoad: false });
  try {
    return await small.toColourspace('srgb').raw().toBuffer();
  } catch (error) {
    throw brokenPicture(type, error);
  }
}
