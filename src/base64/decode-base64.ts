/**
 * The bytes of Base64 text: standard or URL-safe, padded or not, with line breaks anywhere. `undefined` when it is
 * not Base64, where `Buffer.from` would skip what it does not know and return other bytes.
 *
 * Takes some 10 ms for 16 MiB, some 100 ms with line breaks.
 */
export function decodeBase64(text: string): Buffer | undefined {
  // Not ASCII: Buffer.from would cut characters to a byte.
  if (Buffer.byteLength(text) !== text.length) return undefined;
  return decodeUnbroken(text) ?? decodeUnbroken(withoutWhitespace(text));
}

/** Every character that is skipped makes the result shorter than the text says, which is cheap to see. */
function decodeUnbroken(text: string): Buffer | undefined {
  const paddingLength = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - paddingLength;
  const bytes = Buffer.from(text, 'base64');
  return digits % 4 !== 1 && bytes.length === Math.floor((digits * 3) / 4) ? bytes : undefined;
}

/** Byte by byte: a regular expression stops the process for a second when every other one of millions is a blank. */
function withoutWhitespace(ascii: string): string {
  const bytes = Buffer.from(ascii, 'latin1');
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const isWhitespace = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (!isWhitespace) bytes[length++] = byte;
  }
  return bytes.toString('latin1', 0, length);
}
