import { segmentsOf, startOfScan } from './jpeg-segments.ts';

/**
 * The scans of a JPEG, as the places in the file where each of them ends; the last one may be cut off, then its end is
 * the end of the file.
 */
export const scanEndsOf = (jpeg: Uint8Array): number[] =>
  [...segmentsOf(jpeg)].filter(({ marker }) => marker === startOfScan).map(({ end }) => end);

/** What libjpeg needs to take a JPEG for complete. */
const endOfImage = Buffer.from([0xff, 0xd9]);

/** A progressive JPEG of which only the first scan is left: the whole picture, with an eighth of its lines. */
export function firstScanOf(jpeg: Uint8Array): Uint8Array | undefined {
  const end = scanEndsOf(jpeg)[0];
  return end === undefined || end === jpeg.length
    ? undefined
    : Buffer.concat([jpeg.subarray(0, end), endOfImage]);
}
