import { GrowingBytes } from '../growing-bytes.ts';
import { percentDecoded } from './percent-decoded.ts';

interface Base64DecoderOptions {
  /** How many bytes will come at most, as far as it is known. */
  readonly expectedBytes?: number | undefined;
  /** Whether `%2B` stands for `+`, as in data URIs. */
  readonly isPercentEncoded?: boolean;
}

/**
 * Decodes Base64 that comes in pieces: standard or URL-safe, padded or not, with blanks and line breaks anywhere.
 * Judges what `Buffer.from` skips in silence: every other character makes it no Base64.
 */
export class Base64Decoder {
  readonly #bytes: GrowingBytes;
  readonly #isPercentEncoded: boolean;
  /** The last digits, as long as they are too few for three bytes: none to three of them. */
  #rest = '';
  #paddingLength = 0;
  /** The beginning of a percent-escape that the end of the piece cut through. */
  #cut = Buffer.alloc(0);
  #hasBlanks = false;

  constructor({ expectedBytes, isPercentEncoded = false }: Base64DecoderOptions = {}) {
    this.#bytes = new GrowingBytes(expectedBytes);
    this.#isPercentEncoded = isPercentEncoded;
  }

  /** Takes a piece that has digits and nothing else; takes nothing of any other and returns false. Very fast. */
  pushDigits(ascii: Buffer): boolean {
    return this.#paddingLength === 0 && this.#cut.length === 0 && this.#decode(ascii);
  }

  /** Takes any piece; false when the text is no Base64, whatever is still to come. */
  push(ascii: Buffer): boolean {
    if (!this.#hasBlanks && this.pushDigits(ascii)) return true;
    const piece = Buffer.concat([this.#cut, ascii]);
    const cutAt = this.#isPercentEncoded ? startOfCutEscape(piece) : piece.length;
    this.#cut = piece.subarray(cutAt);
    const whole = piece.subarray(0, cutAt);
    const digits = this.#withoutBlanks(this.#isPercentEncoded ? percentDecoded(whole) : whole);
    return digits !== undefined && this.#decode(digits);
  }

  /** All the bytes; `undefined` when the text was no Base64 or broke off within a byte. */
  end(): Buffer | undefined {
    if (this.#rest.length === 1 || this.#paddingLength > 2 || this.#cut.length > 0) return undefined;
    this.#bytes.append(Buffer.from(this.#rest, 'base64'));
    return this.#bytes.bytes();
  }

  /** Every character that is no digit makes the bytes fewer than their number says, which is cheap to see. */
  #decode(digits: Buffer): boolean {
    const headLength = this.#rest === '' ? 0 : Math.min(4 - this.#rest.length, digits.length);
    const tailStart = digits.length - ((digits.length - headLength) % 4);
    const head = this.#rest + digits.toString('latin1', 0, headLength);
    const tail = digits.toString('latin1', tailStart);
    const isHeadWhole = head.length === 4;
    const rest = isHeadWhole ? tail : head + tail;
    const room = this.#bytes.room((isHeadWhole ? 3 : 0) + ((tailStart - headLength) / 4) * 3);
    const headBytes = isHeadWhole ? room.write(head, 'base64') : 0;
    const sizeBytes =
      headBytes + room.write(digits.toString('latin1', headLength, tailStart), headBytes, 'base64');
    if (sizeBytes !== room.length || !onlyDigits.test(rest)) return false;
    this.#bytes.keep(sizeBytes);
    this.#rest = rest;
    return true;
  }

  /**
   * In place; counts the padding, after which no more digits may come. Byte by byte: a regular expression stops the
   * process for a second when every other one of millions is a blank.
   */
  #withoutBlanks(bytes: Buffer): Buffer | undefined {
    let length = 0;
    let paddingLength = this.#paddingLength;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) continue;
      if (byte === padding) paddingLength++;
      else if (paddingLength > 0) return undefined;
      else bytes[length++] = byte;
    }
    this.#paddingLength = paddingLength;
    this.#hasBlanks = length < bytes.length;
    return bytes.subarray(0, length);
  }
}

const padding = '='.charCodeAt(0);
const onlyDigits = /^[\w+/-]*$/;

/** Where an escape begins whose two hex digits are not all there. */
function startOfCutEscape(bytes: Buffer): number {
  const start = bytes.indexOf('%', Math.max(0, bytes.length - 2));
  return start === -1 ? bytes.length : start;
}
