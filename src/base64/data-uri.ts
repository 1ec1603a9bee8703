import { decodeBase64 } from './decode-base64.ts';
import { percentDecoded } from './percent-decoded.ts';

/**
 * The bytes in a data URI (RFC 2397): of any media type or none, Base64 or percent-encoded text.
 * `undefined` when it is none.
 */
export function decodeDataUri(text: string): Uint8Array | undefined {
  const head = dataUriHead(text);
  if (head === undefined) return undefined;
  const data = text.slice(head.length);
  const bytes = data.includes('%') ? percentDecoded(Buffer.from(data)) : Buffer.from(data);
  return head.isBase64 ? decodeBase64(bytes.toString('latin1')) : bytes;
}

/** What stands before the data, comma included; `undefined` when no data URI begins here. */
export function dataUriHead(
  text: string,
): { readonly length: number; readonly isBase64: boolean } | undefined {
  const comma = text.indexOf(',');
  if (comma === -1 || !/^data:/i.test(text)) return undefined;
  const parameters = text.slice('data:'.length, comma);
  return { length: comma + 1, isBase64: /;\s*base64\s*$/i.test(parameters) };
}
