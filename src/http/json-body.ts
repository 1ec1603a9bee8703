import { randomUUID } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import { parseJson, unescapeJson } from './json.ts';
import { beginJsonBase64String, type JsonBase64String } from './json-base64-string.ts';

interface JsonBodyOptions {
  /** The names under which a picture may stand in the body: the operation's upload field and its aliases. */
  readonly pictureNames?: readonly string[];
  /** How long the body is, when the client said so. */
  readonly lengthBytes?: number | undefined;
}

/**
 * More than any operation takes. Parsing takes its time by the value: millions of them would stop the process for
 * seconds.
 */
const maxValues = 10_000;

/** Room for a drawing of 4 MiB with escapes. Parsing as much stops the process for 10 to 30 ms. */
export const maxTextBytes = 5 * 2 ** 20;

/** Shorter strings are left as they are. Long enough to see whether a string begins like Base64. */
const longStringBytes = 4 * 1024;

/**
 * Reads a JSON body while it comes. A long string that stands under one of `pictureNames` and is Base64, bare or in a
 * data URI, becomes bytes, decoded piece by piece; all else is parsed at the end, by the parser, with a placeholder in
 * the place of such a string. So whatever is odd about a body is judged as if it had been parsed as a whole.
 *
 * Errors, of both methods: `invalid_request` for what is not JSON or has more than 10,000 values; `body_too_large` for
 * more than 5 MiB that are not such a picture.
 */
export class JsonBody {
  readonly #pictureNames: readonly string[];
  readonly #lengthBytes: number | undefined;
  /** The body as it came, with placeholders; and how far it was looked through. */
  readonly #text: GrowingBytes;
  #at = 0;

  #values = 0;
  #depth = 0;
  /** Where the inside of the last string begins, and whether it still goes on. */
  #stringStart = 0;
  #isInString = false;
  #isEscaped = false;
  /** Whether the next string at the top of an object is a key; the last key there. */
  #isKeyNext = false;
  #isKey = false;
  #isPictureNext = false;
  /** How far the string has to come to be long enough to look at, when it may be a picture. */
  #lookAt = Number.POSITIVE_INFINITY;

  #picture: JsonBase64String | undefined;
  readonly #pictures = new Map<unknown, Uint8Array>();

  constructor({ pictureNames = [], lengthBytes }: JsonBodyOptions = {}) {
    this.#pictureNames = pictureNames;
    this.#lengthBytes = lengthBytes;
    this.#text = new GrowingBytes(lengthBytes);
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0)
      rest = this.#picture ? this.#pushPicture(this.#picture, rest) : this.#pushText(rest);
    if (this.#text.length > maxTextBytes) {
      throw new GatewayError('body_too_large', {
        message: `The body has more than ${maxTextBytes} bytes beside the Base64 of a picture, and more than this server takes. Send a smaller picture, or its URL.`,
        details: { limitBytes: maxTextBytes },
      });
    }
  }

  /** What the body holds; `undefined` when there was none, or nothing but blanks. */
  end(): unknown {
    const remark = this.#pictures.size > 0 ? ' (counted without the Base64)' : '';
    const body = parseJson(this.#text.bytes().toString(), remark);
    if (this.#pictures.size === 0) return body;
    const fields = body as Record<string, unknown>; // a picture is only looked for in an object
    for (const name of this.#pictureNames) {
      const picture = Object.hasOwn(fields, name) && this.#pictures.get(fields[name]);
      if (picture) fields[name] = picture;
    }
    return fields;
  }

  /** Returns what it left, because a picture begins before it. */
  #pushText(piece: Buffer): Buffer {
    this.#text.append(piece);
    const text = this.#text.bytes();
    while (this.#at < text.length) {
      if (this.#isInString) this.#passString(text);
      else this.#passMark(text[this.#at++] ?? 0);
      if (this.#at >= this.#lookAt) this.#lookForPicture(text);
      if (this.#picture) {
        const left = piece.subarray(piece.length - (text.length - this.#at));
        this.#text.truncate(this.#stringStart);
        return left;
      }
    }
    return piece.subarray(piece.length);
  }

  /** Returns what follows the string of the picture. */
  #pushPicture(picture: JsonBase64String, piece: Buffer): Buffer {
    const rest = picture.push(piece);
    if (rest === undefined) return piece.subarray(piece.length);
    const outcome = picture.end();
    if ('bytes' in outcome) {
      const placeholder = randomUUID(); // no text of the body can be the same
      this.#pictures.set(placeholder, outcome.bytes);
      this.#text.append(Buffer.from(placeholder));
    } else this.#text.append(outcome.source);
    this.#picture = undefined;
    this.#at = this.#text.length;
    return rest;
  }

  #passMark(byte: number): void {
    const isTop = this.#depth === 1;
    switch (byte) {
      case quote:
        this.#isInString = true;
        this.#isEscaped = false;
        this.#stringStart = this.#at;
        this.#isKey = isTop && this.#isKeyNext;
        if (this.#isPictureNext) this.#lookAt = this.#at + longStringBytes;
        break;
      case openBrace:
      case openBracket:
        this.#depth++;
        this.#isKeyNext = byte === openBrace;
        this.#isPictureNext = false;
        this.#countValue();
        break;
      case closeBrace:
      case closeBracket:
        this.#depth--;
        break;
      case comma:
        if (isTop) this.#isKeyNext = true;
        this.#isPictureNext = false;
        this.#countValue();
    }
  }

  /** Goes on to the end of the string, or to where it is long enough to be looked at. */
  #passString(text: Buffer): void {
    const end = Math.min(text.length, this.#lookAt);
    let isEscaped = this.#isEscaped;
    let at = this.#at;
    while (at < end) {
      const byte = text[at++];
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) {
        this.#isInString = false;
        break;
      }
    }
    this.#at = at;
    this.#isEscaped = isEscaped;
    if (this.#isInString) return;
    this.#lookAt = Number.POSITIVE_INFINITY;
    if (this.#isKey) this.#isPictureNext = this.#isPictureName(text.subarray(this.#stringStart, at - 1));
    if (this.#isKey) this.#isKeyNext = false;
  }

  #isPictureName(source: Buffer): boolean {
    if (source.length > longestNameBytes) return false;
    const name = unescapeJson(source);
    return name !== undefined && this.#pictureNames.includes(name);
  }

  #lookForPicture(text: Buffer): void {
    this.#lookAt = Number.POSITIVE_INFINITY;
    const expectedBytes = this.#lengthBytes && Math.ceil((this.#lengthBytes * 3) / 4);
    this.#picture = beginJsonBase64String(text.subarray(this.#stringStart, this.#at), expectedBytes);
    if (this.#picture) this.#isEscaped = false; // an escape that was cut is kept there
  }

  #countValue(): void {
    if (++this.#values <= maxValues) return;
    throw new GatewayError('invalid_request', { message: `The body holds more than ${maxValues} values.` });
  }
}

/** Enough for any name with every letter written as an escape. */
const longestNameBytes = 512;

const quote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
const comma = ','.charCodeAt(0);
const openBrace = '{'.charCodeAt(0);
const closeBrace = '}'.charCodeAt(0);
const openBracket = '['.charCodeAt(0);
const closeBracket = ']'.charCodeAt(0);
