import { GatewayError } from '../errors.ts';
import type { Header } from './header.ts';
import { unreadable } from './unreadable.ts';

/**
 * What a picture may ask of us, so that rendering one takes less than 2 s of work and 300 MB of memory. The figures come
 * from measurements with sharp 0.35 on one core of a server of 2026.
 */

/** Most pixels of any picture. JPEG and PNG are read line by line, so that this is a matter of time alone. */
export const maxPixels = 100e6;
/** After this, libvips is told to stop; it listens between two parts of a picture. */
export const timeoutSeconds = 2;

/**
 * Formats that are unpacked as a whole before their first line can be used: nothing stops them in between, and they
 * take memory by the pixel. A progressive JPEG takes up to 6 bytes a pixel, a GIF and a WebP 4 to 6.
 */
const maxPixelsProgressiveJpeg = 40e6;
const maxPixelsGif = 40e6;
const maxPixelsWebp = 40e6;
/** Of interlaced PNG, and of TIFF, whose strips may be as high as the picture. */
const maxUnpackedBytes = 160e6;
/** The decoder works on several copies: 20 bytes for each pixel of 3. At this size it takes 0.5 to 1.3 s. */
const maxUnpackedBytesAvif = 39e6;
/**
 * Scans of a progressive JPEG: 10 as a rule. Each goes over the whole picture, so that 400 kB of empty ones would take
 * 45 s; this many take 1 s.
 */
const maxScans = 64;

/** How many times as long as wide a picture may be: the longer side is drawn at 640 px times this. */
const maxAspectRatio = 50;
const maxSvgBytes = 4 * 2 ** 20;

/** Errors: `picture_too_large` for an SVG of too many bytes. */
export function checkSvgBytes(sizeBytes: number): void {
  if (sizeBytes <= maxSvgBytes) return;
  throw tooLarge(`An SVG may have at most ${maxSvgBytes / 2 ** 20} MiB. Send it as PNG instead.`);
}

/** Errors: `picture_too_large` (says how large it is, and the limit), `picture_unreadable` when it is a thin strip. */
export function checkSize(header: Header): void {
  const { type, width, height } = header;
  if (Math.max(width, height) > maxAspectRatio * Math.min(width, height)) {
    throw unreadable(`The picture is ${width}×${height}: too long and thin for a square photo.`);
  }
  const limit = maxPixelsOf(header);
  if (type !== 'svg' && width * height > limit) {
    throw tooLarge(
      `The picture is ${width}×${height}; at most ${limit / 1e6} megapixels are read of this type. Send a smaller one.`,
    );
  }
}

/** Errors: `picture_unreadable` for a progressive JPEG of too many scans. */
export function checkScans(scans: number): void {
  if (scans <= maxScans) return;
  throw unreadable(`The picture is a JPEG of ${scans} scans; at most ${maxScans} are read. Save it again.`);
}

/** `picture_too_large` for what libvips was stopped at. */
export const takesTooLong = (cause: unknown) =>
  tooLarge(`The picture takes longer than ${timeoutSeconds} s to read. Send a smaller one.`, cause);

function maxPixelsOf({ type, isProgressive, bytesPerPixel }: Header): number {
  const unpacked = (maxBytes: number) =>
    Math.min(maxPixels, Math.floor(maxBytes / bytesPerPixel / 1e6) * 1e6);
  switch (type) {
    case 'jpeg':
      return isProgressive ? maxPixelsProgressiveJpeg : maxPixels;
    case 'png':
      return isProgressive ? unpacked(maxUnpackedBytes) : maxPixels;
    case 'gif':
      return maxPixelsGif;
    case 'webp':
      return maxPixelsWebp;
    case 'avif':
      return unpacked(maxUnpackedBytesAvif);
    default:
      return unpacked(maxUnpackedBytes);
  }
}

const tooLarge = (message: string, cause?: unknown) =>
  new GatewayError('picture_too_large', { message, cause });
