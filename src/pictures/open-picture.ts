import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { type Header, svgDensity } from './header.ts';
import { maxPixels, timeoutSeconds } from './limits.ts';

/**
 * A pipeline that reads a picture strictly: what is missing or broken is an error, never grey or what was in memory
 * before. `options` are those that differ.
 */
export function openPicture(source: Uint8Array, { type }: Header, options: SharpOptions = {}): Sharp {
  return sharp(source, {
    // libjpeg only warns of broken data and goes on with what it makes of it. Elsewhere, warnings are about trifles.
    failOn: type === 'jpeg' ? 'warning' : 'error',
    // The size of an SVG is only a wish: it is drawn at the size that we need.
    limitInputPixels: type === 'svg' ? false : maxPixels,
    density: svgDensity, // nothing to other formats
    ...options,
  }).timeout({ seconds: timeoutSeconds });
}
