import { segmentsOf } from './jpeg-segments.ts';

/**
 * The width and height of a JPEG, from its frame header; `undefined` when there is none. Nothing is decoded.
 * Source: ITU T.81, B.2.2 (frame header).
 */
export function jpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return undefined;
  for (const { marker, start } of segmentsOf(bytes)) {
    if (!isFrameHeader(marker)) continue;
    if (start + 9 > bytes.length) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset + start);
    return { width: view.getUint16(7), height: view.getUint16(5) };
  }
  return undefined;
}

const startOfImage = 0xd8;

/** SOF0 to SOF15, among which three markers have another meaning: DHT, JPG and DAC. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
