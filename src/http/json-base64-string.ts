import { type Base64Text, beginBase64Text } from '../base64/base64-text.ts';
import { unescapeJson } from './json.ts';

/** What came of a string: its bytes, or what is to stand in its place between the quotes. */
type Outcome = { readonly bytes: Uint8Array } | { readonly source: Buffer };

/**
 * Begins to decode a JSON string of which only the beginning is there, `beginning` being its source after the opening
 * quote. `undefined` when it does not begin like Base64, bare or in a data URI.
 */
export function beginJsonBase64String(
  beginning: Buffer,
  expectedBytes?: number,
): JsonBase64String | undefined {
  const cutAt = startOfCutCharacter(beginning);
  const unescaped = unescapeJson(beginning.subarray(0, cutAt));
  const text = unescaped === undefined ? undefined : beginBase64Text(unescaped, expectedBytes);
  return text && new JsonBase64String(text, Buffer.from(beginning.subarray(cutAt)));
}

/** A JSON string that is Base64 as far as it came, whatever of it is written as escapes. */
class JsonBase64String {
  readonly #text: Base64Text;
  /** The beginning of an escape or a character that the end of the piece cut through. */
  #cut: Buffer;
  /** A piece with something that no JSON string may hold. */
  #invalid: Buffer | undefined;
  #hasEscapes = false;

  constructor(text: Base64Text, cut: Buffer) {
    this.#text = text;
    this.#cut = cut;
  }

  /** Takes a piece of the source. Returns what follows from the closing quote on, once that has come. */
  push(piece: Buffer): Buffer | undefined {
    const source = this.#cut.length === 0 ? piece : Buffer.concat([this.#cut, piece]);
    const end = closingQuote(source);
    const inside = end === -1 ? source : source.subarray(0, end);
    this.#cut = Buffer.alloc(0);
    this.#hasEscapes &&= inside.includes(backslash);
    if (this.#hasEscapes || !this.#text.pushDigits(inside)) this.#pushEscaped(inside, end === -1);
    return end === -1 ? undefined : source.subarray(end);
  }

  end(): Outcome {
    if (this.#invalid) return { source: this.#invalid };
    const result = this.#text.end();
    if (typeof result !== 'string') return { bytes: result };
    return { source: Buffer.from(JSON.stringify(result).slice(1, -1)) };
  }

  #pushEscaped(source: Buffer, goesOn: boolean): void {
    this.#hasEscapes = true; // likely all along: JSON of PHP has one for every slash
    const cutAt = goesOn ? startOfCutCharacter(source) : source.length;
    this.#cut = source.subarray(cutAt);
    const text = unescapeJson(source.subarray(0, cutAt));
    if (text === undefined) this.#invalid ??= source.subarray(0, cutAt);
    else this.#text.push(text);
  }
}

export type { JsonBase64String };

const quote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);

/** Where the string that `source` is the inside of has its closing quote; -1 when it goes on. */
function closingQuote(source: Buffer): number {
  const first = source.indexOf(quote);
  if (first < 1 || source[first - 1] !== backslash) return first;
  for (let at = 0; at < source.length; at++) {
    if (source[at] === backslash) at++;
    else if (source[at] === quote) return at;
  }
  return -1;
}

/** Where the last escape or the last character begins that is not all there; else the length. */
function startOfCutCharacter(source: Buffer): number {
  const longestCut = '\\u123'.length;
  for (let at = Math.max(0, source.length - longestCut); at < source.length; at++) {
    const byte = source[at] ?? 0;
    const missing = source.length - at;
    if (byte === backslash && !isEscaped(source, at)) {
      if (missing === 1 || source[at + 1] === 'u'.charCodeAt(0)) return at;
      at++;
    } else if (byte >= 0xc0 && missing < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)) return at;
  }
  return source.length;
}

function isEscaped(source: Buffer, at: number): boolean {
  let backslashes = 0;
  while (source[at - 1 - backslashes] === backslash) backslashes++;
  return backslashes % 2 === 1;
}
