import type { Header } from './header.ts';
import { firstScanOf } from './jpeg-scans.ts';
import { openPicture } from './open-picture.ts';

/** What is left of a damaged picture. */
export type ReadablePart =
  /** Its first lines, as they are stored. */
  | { readonly lines: number }
  /** All of it, with less detail. */
  | 'coarse';

/** Looking for the last good line decodes a picture some five times. */
const maxPixels = 30e6;
/** The share of the lines is found to this part of the whole. */
const steps = 16;

/**
 * What can be read of a JPEG or PNG that is cut off or broken, as a download that stopped leaves it; `undefined` when
 * that is too little to be the picture that was meant, or another type. Enough is
 * - the upper half: of it all lines that are whole, to a sixteenth, and none that are made up;
 * - of a progressive JPEG its first scan, which shows all of it with an eighth of the lines.
 * What is interlaced otherwise shows nothing until its end.
 */
export async function readablePartOf(source: Uint8Array, header: Header): Promise<ReadablePart | undefined> {
  const { type, width, height, isProgressive } = header;
  if ((type !== 'jpeg' && type !== 'png') || width * height > maxPixels) return undefined;
  if (isProgressive) {
    const coarse = type === 'jpeg' ? firstScanOf(source) : undefined;
    return coarse && (await isWhole(coarse, header, height)) ? 'coarse' : undefined;
  }
  const linesOf = (share: number) => Math.floor((height * share) / steps);
  let readable = steps / 2;
  if (linesOf(readable) === 0 || !(await isWhole(source, header, linesOf(readable)))) return undefined;
  for (let step = steps / 4; step >= 1; step /= 2) {
    if (await isWhole(source, header, linesOf(readable + step))) readable += step;
  }
  return { lines: linesOf(readable) };
}

/** Whether the first lines of a picture are there, without a fault. */
async function isWhole(source: Uint8Array, header: Header, lines: number): Promise<boolean> {
  const upper = openPicture(source, header).extract({ left: 0, top: 0, width: header.width, height: lines });
  return await upper
    .resize(8, 8, { fit: 'fill' })
    .toBuffer()
    .then(
      () => true,
      () => false,
    );
}
