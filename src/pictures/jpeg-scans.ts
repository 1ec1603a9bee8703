/** What libjpeg needs to take a JPEG for complete. */
const endOfImage = Buffer.from([0xff, 0xd9]);
const startOfScan = 0xda;

/**
 * The scans of a JPEG, as the places in the file where each of them ends; the last one may be cut off, then its end is
 * the end of the file.
 */
export function scanEndsOf(jpeg: Uint8Array): number[] {
  const ends: number[] = [];
  let at = 2; // behind the start of the image
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // markers may be preceded by any number of these
      continue;
    }
    if (marker === 0xd9) break;
    at += 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
    if (marker !== startOfScan) continue;
    at = endOfPixels(jpeg, at);
    ends.push(at);
  }
  return ends;
}

/** Where the next marker is that is neither a byte of the pixels (`FF 00`) nor a point to restart from. */
function endOfPixels(jpeg: Uint8Array, from: number): number {
  for (let at = from; ; at += 2) {
    at = jpeg.indexOf(0xff, at);
    if (at === -1 || at + 1 >= jpeg.length) return jpeg.length;
    const next = jpeg[at + 1] ?? 0;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
}

/** A progressive JPEG of which only the first scan is left: the whole picture, with an eighth of its lines. */
export function firstScanOf(jpeg: Uint8Array): Uint8Array | undefined {
  const end = scanEndsOf(jpeg)[0];
  return end === undefined || end === jpeg.length
    ? undefined
    : Buffer.concat([jpeg.subarray(0, end), endOfImage]);
}
