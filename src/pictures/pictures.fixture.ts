/** Pictures for tests, drawn here, and what is true of every photo that is made of them. */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { GatewayError } from '../errors.ts';
import { renderGroupPhoto } from './group-photo.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';

export type Colour = readonly [red: number, green: number, blue: number];
export const red: Colour = [255, 0, 0];
export const green: Colour = [0, 128, 0];
export const blue: Colour = [0, 0, 255];
export const yellow: Colour = [255, 255, 0];
export const white: Colour = [255, 255, 255];

/** A picture of rectangles that are drawn one over the other. */
export function picture(
  width: number,
  height: number,
  ...rectangles: [Colour, ...area: [number, number, number, number]][]
): Sharp {
  const drawn = rectangles.map(
    ([colour, left, top, w, h]) =>
      `<rect x="${left}" y="${top}" width="${w}" height="${h}" fill="rgb(${colour})"/>`,
  );
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`,
    ),
  );
}

export const plain = (colour: Colour, width = 80, height = 60) =>
  picture(width, height, [colour, 0, 0, width, height]).removeAlpha();

export const noise = (width: number, height: number, sigma = 128) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma },
    },
  });

export interface Photo extends RenderedPhoto {
  at(x: number, y: number): Colour;
  /** The codes of its warnings. */
  readonly codes: readonly string[];
}

/** Renders, and checks what is true of every group photo. */
export async function photoOf(source: Uint8Array, options?: PhotoOptions): Promise<Photo> {
  const rendered = await renderGroupPhoto(source, options);
  const { jpeg } = rendered;
  assert.ok(jpeg.length <= 100_000, `${jpeg.length} bytes`);
  const { format, width, height, space, chromaSubsampling, isProgressive, exif, icc, xmp } =
    await sharp(jpeg).metadata();
  assert.deepEqual(
    { format, width, height, space, chromaSubsampling, isProgressive, exif, icc, xmp },
    {
      format: 'jpeg',
      width: 640,
      height: 640,
      space: 'srgb',
      chromaSubsampling: '4:2:0',
      isProgressive: false,
      exif: undefined,
      icc: undefined,
      xmp: undefined,
    },
  );
  const pixels = await sharp(jpeg).raw().toBuffer();
  return {
    ...rendered,
    codes: rendered.warnings.map(({ code }) => code),
    at: (x, y) => [...pixels.subarray((y * 640 + x) * 3, (y * 640 + x) * 3 + 3)] as unknown as Colour,
  };
}

export function assertColour(seen: Colour, wanted: Colour, tolerance = 12, what = ''): void {
  const isNear = wanted.every((value, index) => Math.abs(value - (seen[index] ?? 0)) <= tolerance);
  assert.ok(isNear, `${what}: saw ${seen}, wanted ${wanted}`);
}

/** The error of a picture that is refused: `code: message`. */
export async function failureOf(source: Uint8Array, what = ''): Promise<string> {
  const error = await renderGroupPhoto(source).then(
    () => assert.fail(`was rendered ${what}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GatewayError, String(error));
  return `${error.code}: ${error.message}`;
}

/** An APNG of PNGs of one size. */
export function animatedPng(frames: readonly Buffer[]): Buffer {
  const [first = Buffer.alloc(0)] = frames;
  const signatureAndHeader = first.subarray(0, 33);
  let sequence = 0;
  const chunks = frames.flatMap((frame, index) => {
    const data = compressedPixelsOf(frame);
    const control = Buffer.alloc(26);
    control.writeUInt32BE(sequence++, 0);
    frame.copy(control, 4, 16, 24); // width and height
    control.writeUInt16BE(1, 20);
    control.writeUInt16BE(10, 22);
    if (index === 0) return [pngChunk('fcTL', control), pngChunk('IDAT', data)];
    const number = Buffer.alloc(4);
    number.writeUInt32BE(sequence++);
    return [pngChunk('fcTL', control), pngChunk('fdAT', Buffer.concat([number, data]))];
  });
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length);
  return Buffer.concat([
    signatureAndHeader,
    pngChunk('acTL', animation),
    ...chunks,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What all IDAT chunks of a PNG hold. */
function compressedPixelsOf(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const content = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(content);
  }
  return Buffer.concat(parts);
}

/** A chunk of a PNG, with its checksum. */
export function pngChunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checked = Buffer.concat([Buffer.from(type), content]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(checked));
  return Buffer.concat([length, checked, checksum]);
}
