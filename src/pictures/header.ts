import sharp from 'sharp';
import { isSrgbProfile } from './srgb-profile.ts';

/** What a picture says of itself before its pixels are read. */
export interface Header {
  /** `jpeg`, `png`, `webp`, `gif`, `avif`, `tiff`, `svg`. */
  readonly type: string;
  /** In pixels, as stored: before it is turned upright. */
  readonly width: number;
  readonly height: number;
  /** By its EXIF it is stored sideways: upright, its width is its height. */
  readonly isSideways: boolean;
  /** Bytes of a pixel once it is unpacked. */
  readonly bytesPerPixel: number;
  readonly hasAlpha: boolean;
  /** Progressive or interlaced: the whole is there only at the end of the file. */
  readonly isProgressive: boolean;
  /**
   * How its colours become sRGB: they are already (`none`), by the profile that it brings, which for ordinary RGB can
   * be done after it was made small (`late`), or as libvips does by itself (`early`).
   */
  readonly conversion: 'none' | 'late' | 'early';
  /** Frames of an animation, pages of a document. */
  readonly frames: number;
}

/** Reads the header of a picture. Errors: those of sharp, for what it cannot read. */
export async function readHeader(source: Uint8Array): Promise<Header> {
  const found = await sharp(source, { limitInputPixels: false, density: svgDensity }).metadata();
  const { format, channels, depth, icc, space, hasAlpha, isProgressive, pages } = found;
  const isPlainRgb = space === 'srgb' && depth === 'uchar';
  return {
    type: format === 'heif' ? 'avif' : format,
    width: format === 'svg' ? inSvgPixels(found.width) : found.width,
    height: format === 'svg' ? inSvgPixels(found.height) : found.height,
    isSideways: (found.orientation ?? 1) > 4,
    bytesPerPixel: channels * (depthBytes[depth] ?? 8),
    hasAlpha,
    isProgressive,
    conversion: icc === undefined || !isPlainRgb ? 'early' : isSrgbProfile(icc) ? 'none' : 'late',
    frames: format === 'png' ? framesOfPng(source) : (pages ?? 1),
  };
}

/**
 * Has an inch of an SVG 96 of its pixels, as in CSS and in every browser: drawings are measured in millimetres and
 * points, too. For librsvg they are 72 unless it is told.
 */
export const svgDensity = 96;

/** libvips takes the density for a wish to enlarge as well; by default it is 72. */
const inSvgPixels = (enlarged: number): number => Math.max(1, Math.round((enlarged * 72) / svgDensity));

const depthBytes: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
};

/** libvips reads an animated PNG as the still that it begins with, and does not tell. */
function framesOfPng(source: Uint8Array): number {
  const png = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const beforePixels = png.subarray(0, png.indexOf('IDAT'));
  const animation = beforePixels.indexOf('acTL');
  return animation === -1 || animation + 8 > beforePixels.length
    ? 1
    : beforePixels.readUInt32BE(animation + 4);
}
