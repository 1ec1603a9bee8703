import { decodeDataUri } from './data-uri.ts';
import { decodeBase64 } from './decode-base64.ts';

/** The bytes that a text holds itself, as a data URI or bare Base64; `undefined` for a URL, and for what is broken. */
export const bytesInText = (text: string): Uint8Array | undefined =>
  decodeDataUri(text) ?? decodeBase64(text); // a colon is no Base64
