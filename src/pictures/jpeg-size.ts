/**
 * The width and height of a JPEG, from its frame header; `undefined` when there is none. Nothing is decoded.
 * Source: ITU T.81, B.1.1.3 (markers) and B.2.2 (frame header).
 */
export function jpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 2 || view.getUint16(0) !== startOfImage) return undefined;
  for (let offset = 2; offset + 9 <= bytes.length; ) {
    const marker = view.getUint8(offset + 1);
    if (view.getUint8(offset) !== 0xff) return undefined;
    if (marker === 0xff) {
      offset += 1; // a fill byte
      continue;
    }
    if (isFrameHeader(marker)) {
      return { width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) };
    }
    offset += 2 + view.getUint16(offset + 2);
  }
  return undefined;
}

const startOfImage = 0xffd8;

/** SOF0 to SOF15, among which three markers have another meaning: DHT, JPG and DAC. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
