import sharp, { type Sharp } from 'sharp';
import type { Header } from './header.ts';
import { openPicture } from './open-picture.ts';
import type { PhotoOptions } from './photo.ts';
import type { ReadablePart } from './readable-part.ts';

/** The side of the square that WhatsApp keeps. */
export const sidePx = 640;

/** A picture that is decoded and made small: with `cover` it is the square, otherwise its longer side is 640 px. */
interface Small {
  /** A pipeline that gives its pixels; they are kept, so that it may be called again. */
  readonly open: () => Sharp;
  /** Pixels that are not quite opaque, as a share of all. */
  readonly transparentShare: number;
}

/** How a picture fills the square; see `PhotoOptions`. */
export const defaultPhoto = { fit: 'cover', position: 'centre', background: '#ffffff' } as const;

/** The size of a picture, or of what is readable of it, as it is stored. */
function storedSizeOf({ width, height }: Header, part: ReadablePart | undefined) {
  return { width, height: part === undefined || part === 'coarse' ? height : part.lines };
}

/** The size of a picture, or of what is readable of it, as it is seen. */
export function uprightSizeOf(header: Header, part?: ReadablePart) {
  const { width, height } = storedSizeOf(header, part);
  return header.isSideways ? { width: height, height: width } : { width, height };
}

/** By how much a picture of this size is enlarged (above 1) or made smaller. */
export function scaleOf(size: { width: number; height: number }, fit: PhotoOptions['fit']): number {
  const { width, height } = size;
  return sidePx / ((fit ?? defaultPhoto.fit) === 'cover' ? Math.min(width, height) : Math.max(width, height));
}

/**
 * Decodes a picture, once, into what the photo needs of it: upright, with its transparency. `part` is what is readable
 * of it when it is damaged. Errors: those of sharp.
 */
export async function makeSmall(
  source: Uint8Array,
  header: Header,
  { fit = defaultPhoto.fit, position = defaultPhoto.position }: PhotoOptions,
  part?: ReadablePart,
): Promise<Small> {
  const { conversion, hasAlpha } = header;
  const size = storedSizeOf(header, part);
  const picture = openPicture(source, header, {
    ignoreIcc: conversion === 'none',
    ...(part === 'coarse' && { failOn: 'none' }),
  });
  if (size.height < header.height) picture.extract({ left: 0, top: 0, ...size });
  picture.autoOrient().resize(sidePx, sidePx, {
    fit: fit === 'cover' ? 'cover' : 'inside',
    position,
    // What is enlarged looks the same with either, and this one takes half the time.
    kernel: scaleOf(size, fit) > 1 ? 'linear' : 'lanczos3',
  });
  if (conversion === 'late' && !hasAlpha) {
    // Converting the colours of what is small instead of the whole picture takes 0.6 to 0.8 of the time; the profile
    // travels there in a TIFF.
    const tiff = await picture.keepIccProfile().tiff({ compression: 'none' }).toBuffer();
    return { open: () => sharp(tiff), transparentShare: 0 };
  }
  const { data, info } = await picture.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    open: () => sharp(data, { raw: { width, height, channels } }),
    transparentShare: channels % 2 === 0 ? transparentShareOf(data, channels) : 0,
  };
}

function transparentShareOf(pixels: Buffer, channels: number): number {
  let count = 0;
  for (let at = channels - 1; at < pixels.length; at += channels) if (pixels[at] !== 255) count++;
  return (count * channels) / pixels.length;
}

/** What draws the square: on its background where it is transparent, and filled up where it is not square. */
export async function fillSquare(
  { open }: Small,
  {
    fit = defaultPhoto.fit,
    position = defaultPhoto.position,
    background = defaultPhoto.background,
  }: PhotoOptions,
): Promise<() => Sharp> {
  const place = position === 'attention' ? 'centre' : position;
  const painted = () => open().flatten({ background });
  if (fit === 'cover') return painted;
  if (fit === 'contain') {
    return () => painted().resize(sidePx, sidePx, { fit: 'contain', position: place, background });
  }
  const picture = await painted().toColourspace('srgb').png({ compressionLevel: 0 }).toBuffer();
  const backdrop = await backdropOf(picture);
  return () =>
    sharp(backdrop)
      .composite([{ input: picture, gravity: place }])
      .removeAlpha();
}

/** So few pixels that blurring them is cheap, and as soft as blurring the square by 20 px. */
const backdropPx = 32;

async function backdropOf(picture: Buffer): Promise<Buffer> {
  const soft = sharp(picture).resize(backdropPx, backdropPx, { fit: 'cover' }).blur(1);
  return sharp(await soft.png().toBuffer())
    .resize(sidePx, sidePx, { kernel: 'cubic' })
    .png({ compressionLevel: 0 })
    .toBuffer();
}
