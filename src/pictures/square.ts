import sharp, { type OutputInfo, type Sharp } from 'sharp';
import type { Header } from './header.ts';
import { openPicture } from './open-picture.ts';
import { type PhotoOptions, photoDefaults } from './photo.ts';
import type { ReadablePart } from './readable-part.ts';

/** The side of the square that WhatsApp keeps. */
export const sidePx = 640;

/** Something that can be drawn. */
export interface Drawing {
  /** A pipeline that draws it. */
  readonly open: () => Sharp;
  /** Whether each pipeline decodes the source anew; otherwise its pixels are kept. */
  readonly decodesAnew: boolean;
}

/** A picture that is decoded and made small: with `cover` it is the square, otherwise its longer side is 640 px. */
interface Small extends Drawing {
  /** Pixels that are not quite opaque, as a share of all. */
  readonly transparentShare: number;
}

/** How a picture fills the square: `PhotoOptions` with nothing left open. */
export type Layout = { readonly [Option in keyof PhotoOptions]-?: NonNullable<PhotoOptions[Option]> };

/** What is not given has its default. */
export const layoutOf = ({
  fit = photoDefaults.fit,
  position = photoDefaults.position,
  background = photoDefaults.background,
}: PhotoOptions): Layout => ({ fit, position, background });

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
export function scaleOf(
  { width, height }: { readonly width: number; readonly height: number },
  fit: Layout['fit'],
): number {
  return sidePx / (fit === 'cover' ? Math.min(width, height) : Math.max(width, height));
}

/**
 * Makes of a picture what the photo needs of it: upright, with its transparency. `part` is what is readable of it when
 * it is damaged. Errors: those of sharp, here or when it is drawn.
 */
export async function makeSmall(
  source: Uint8Array,
  header: Header,
  { fit, position }: Layout,
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
  if (fit === 'cover' && conversion !== 'late' && !hasAlpha) {
    // The usual photo. Its pixels are not kept: they go straight into the JPEG, which saves a twentieth of the time.
    return { open: () => picture, decodesAnew: true, transparentShare: 0 };
  }
  if (conversion === 'late' && !hasAlpha) {
    // Converting the colours of what is small instead of the whole picture takes 0.6 to 0.8 of the time; the profile
    // travels there in a TIFF.
    const tiff = await picture.keepIccProfile().tiff({ compression: 'none' }).toBuffer();
    return { open: () => sharp(tiff), decodesAnew: false, transparentShare: 0 };
  }
  const { data, info } = await picture.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    open: () => sharp(data, { raw: { width, height, channels } }),
    decodesAnew: false,
    transparentShare: channels % 2 === 0 ? transparentShareOf(data, info) : 0,
  };
}

/** Every fourth pixel of every fourth line is looked at: nobody sees smaller holes, and all would take 0.7 ms. */
const lookEvery = 4;

function transparentShareOf(pixels: Buffer, { width, height, channels }: OutputInfo): number {
  let [seen, transparent] = [0, 0];
  for (let y = lookEvery >> 1; y < height; y += lookEvery) {
    for (let x = lookEvery >> 1; x < width; x += lookEvery) {
      seen++;
      if (pixels[(y * width + x + 1) * channels - 1] !== 255) transparent++;
    }
  }
  return seen === 0 ? 0 : transparent / seen;
}

/** The square: on its background where the picture is transparent, and filled up where it is not square. */
export async function fillSquare(
  { open, decodesAnew }: Small,
  { fit, position, background }: Layout,
): Promise<Drawing> {
  const place = position === 'attention' ? 'centre' : position;
  const painted = () => open().flatten({ background });
  if (fit === 'cover') return { open: painted, decodesAnew };
  if (fit === 'contain') {
    const padded = () => painted().resize(sidePx, sidePx, { fit: 'contain', position: place, background });
    return { open: padded, decodesAnew };
  }
  const picture = await painted().toColourspace('srgb').png({ compressionLevel: 0 }).toBuffer();
  const backdrop = await backdropOf(picture);
  const layers = [{ input: picture, gravity: place }];
  return { open: () => sharp(backdrop).composite(layers).removeAlpha(), decodesAnew: false };
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
