import { decodeBase64 } from './base64.ts';

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
    const escaped = bytes[at] === 0x25 ? hexByte(bytes, at + 1) : undefined;
    bytes[length++] = escaped ?? (bytes[at] as number);
    if (escaped !== undefined) at += 2;
  }
  return bytes.subarray(0, length);
}

function hexByte(bytes: Buffer, at: number): number | undefined {
  const digits = bytes.toString('latin1', at, at + 2);
  return /^[\da-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
