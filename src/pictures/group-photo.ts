import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { GatewayError } from '../errors.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';
import { sniff, svg } from './sniff.ts';

/** The side of the square that WhatsApp keeps. */
const sidePx = 640;
/** What go-whatsapp keeps to; WhatsApp publishes no limit. */
const maxJpegBytes = 100_000;
/** Tried in turn until the JPEG is small enough. */
const qualities = [85, 75, 65, 55, 45, 30, 15, 5];

const maxPixels = 100e6;
/**
 * Formats that are unpacked as a whole before the first line can be used take memory by the pixel: 19 bytes in an
 * AVIF, 4 in the others (measured with sharp 0.35). The limits keep one picture below some 300 MB.
 */
const maxPixelsUnpacked = 50e6;
const maxPixelsAvif = 16e6;
/** How many times as long as wide a picture may be: the longer side is drawn at 640 px times this. */
const maxAspectRatio = 50;
const maxSvgBytes = 4 * 2 ** 20;
/** After this, libvips is told to stop; it listens between two parts of a picture. */
const timeoutSeconds = 5;

/**
 * The square JPEG that a group shows, 640×640 and at most 100 kB: turned upright as its EXIF says, in sRGB, white where
 * it was transparent, cropped to its centre, enlarged when it is smaller, without metadata. Of an animation the first
 * frame. An SVG is drawn at this size; nothing outside of it is read.
 *
 * Errors: `picture_unreadable` (says which type was seen), `picture_too_large` (says how large it is).
 */
export async function renderGroupPhoto(
  source: Uint8Array,
  options: PhotoOptions = {},
): Promise<RenderedPhoto> {
  const type = sniff(source);
  if (!type?.isReadable) {
    throw unreadable(`This is ${type?.name ?? 'not a picture'}; ${expectedTypes}`);
  }
  if (type === svg && source.length > maxSvgBytes) {
    throw new GatewayError('picture_too_large', {
      message: `An SVG may have at most ${maxSvgBytes / 2 ** 20} MiB. Send it as PNG instead.`,
    });
  }
  try {
    // The size of an SVG is only a wish: it is drawn at the size that we need.
    const reading: SharpOptions = { failOn: 'error', limitInputPixels: type === svg ? false : maxPixels };
    const header = await sharp(source, { ...reading, limitInputPixels: false }).metadata();
    checkSize(header);
    const { width, height } = header.autoOrient;
    const jpeg = await jpegOf(await squareOf(sharp(source, reading), header, options));
    return { jpeg, warnings: [], source: { type: header.format, width, height } };
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw unreadable(
      `This looks like ${type.name} but cannot be read: it is damaged, cut off or too complex.`,
      error,
    );
  }
}

const expectedTypes = 'expected a picture: JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG.';

const unreadable = (message: string, cause?: unknown) =>
  new GatewayError('picture_unreadable', { message, cause });

function checkSize({ format, width, height, isProgressive }: Metadata): void {
  if (Math.max(width, height) > maxAspectRatio * Math.min(width, height)) {
    throw unreadable(`The picture is ${width}×${height}: too long and thin for a square photo.`);
  }
  if (format === 'svg') return;
  const isUnpacked = format === 'gif' || format === 'webp' || (format === 'png' && isProgressive);
  const limit = format === 'heif' ? maxPixelsAvif : isUnpacked ? maxPixelsUnpacked : maxPixels;
  if (width * height > limit) {
    throw new GatewayError('picture_too_large', {
      message: `The picture is ${width}×${height}; at most ${limit / 1e6} megapixels are read of this type. Send a smaller one.`,
    });
  }
}

interface Square {
  readonly pixels: Buffer;
  readonly channels: 1 | 2 | 3 | 4;
}

/** The picture as 640×640 sRGB pixels. The source is decoded once, here. */
async function squareOf(picture: Sharp, header: Metadata, options: PhotoOptions): Promise<Square> {
  const isEnlarged = Math.min(header.width, header.height) < sidePx;
  const square = picture
    .timeout({ seconds: timeoutSeconds })
    .autoOrient()
    .flatten({ background: options.background ?? 'white' })
    .resize(sidePx, sidePx, { fit: 'cover', position: 'centre', kernel: isEnlarged ? 'linear' : 'lanczos3' });
  if (!hasRgbProfile(header)) return pixelsOf(square);
  // Converting the colours of the small square instead of the whole picture takes 0.6 to 0.8 of the time.
  return pixelsOf(sharp(await square.keepIccProfile().tiff({ compression: 'none' }).toBuffer()));
}

const hasRgbProfile = ({ icc, space, depth }: Metadata) =>
  icc !== undefined && space === 'srgb' && depth === 'uchar';

async function pixelsOf(picture: Sharp): Promise<Square> {
  const { data, info } = await picture.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, channels: info.channels };
}

async function jpegOf({ pixels, channels }: Square): Promise<Uint8Array> {
  const raw = { width: sidePx, height: sidePx, channels };
  let jpeg = Buffer.alloc(0);
  for (const quality of qualities) {
    // Optimised Huffman tables would double the time for 4 % fewer bytes.
    jpeg = await sharp(pixels, { raw })
      .jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: false })
      .toBuffer();
    if (jpeg.length <= maxJpegBytes) break;
  }
  return jpeg;
}
