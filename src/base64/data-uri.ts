import { decodeBase64 } from './decode-base64.ts';

/**
 * The bytes in a data URI (RFC 2397): of any media type or none, Base64 or percent-encoded text.
 * `undefined` when it is none.
 */
export function decodeDataUri(text: string): Uint8Array | undefined {
  const comma = text.indexOf(',');
  if (comma === -1 || !/^data:/i.test(text)) return undefined;
  const parameters = text.slice('data:'.length, comma);
  const data = text.slice(comma + 1);
  const bytes = data.includes('%') ? percentDecoded(Buffer.from(data)) : Buffer.from(data);
  return /;\s*base64\s*$/i.test(parameters) ? decodeBase64(bytes.toString('latin1')) : bytes;
}

/** In place. A `%` that no two hex digits follow stands for itself, as in browsers. */
function percentDecoded(bytes: Buffer): Buffer {
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] ?? 0;
    const high = byte === 0x25 ? hexValue(bytes[at + 1]) : -1;
    const low = high === -1 ? -1 : hexValue(bytes[at + 2]);
    if (low !== -1) {
      byte = high * 16 + low;
      at += 2;
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/** The value of an ASCII hex digit, -1 for anything else. By arithmetic: a body may hold millions of them. */
function hexValue(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x61 + 10 : -1;
}
