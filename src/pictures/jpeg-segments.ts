interface JpegSegment {
  /** The second byte of its marker. */
  readonly marker: number;
  /** Where its marker stands in the file. */
  readonly start: number;
  /** Where the next marker stands: the pixels that follow the header of a scan belong to it. */
  readonly end: number;
}

export const startOfScan = 0xda;
const endOfImage = 0xd9;

/**
 * The segments of a JPEG one after another, up to its end or to what is no segment; the last one may be cut off. Nothing
 * is decoded, and nothing looked at beyond the segments that are asked for.
 * Source: ITU T.81, B.1.1.
 */
export function* segmentsOf(jpeg: Uint8Array): Generator<JpegSegment> {
  let start = 2; // behind the start of the image
  while (start + 4 <= jpeg.length && jpeg[start] === 0xff) {
    const marker = jpeg[start + 1] ?? 0;
    if (marker === 0xff) {
      start++; // a marker may be preceded by any number of these
      continue;
    }
    if (marker === endOfImage) return;
    const headerEnd = start + 2 + (((jpeg[start + 2] ?? 0) << 8) | (jpeg[start + 3] ?? 0));
    const end = marker === startOfScan ? endOfPixels(jpeg, headerEnd) : headerEnd;
    yield { marker, start, end };
    start = end;
  }
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
