import { Base64Decoder } from './base64-decoder.ts';
import { dataUriHead } from './data-uri.ts';

/** A longer text without a colon is no URL, whatever is still to come. */
const longestSchemeLength = 32;

/**
 * Begins to decode a long text of which only the beginning is there: bare Base64, or a data URI with Base64.
 * `undefined` when it does not begin like that, or may still turn out to be something else.
 */
export function beginBase64Text(beginning: string, expectedBytes?: number): Base64Text | undefined {
  const text = beginning.trimStart();
  const head = dataUriHead(text);
  if (head ? !head.isBase64 : text.length <= longestSchemeLength) return undefined;
  const decoder = new Base64Decoder({ expectedBytes, isPercentEncoded: head !== undefined });
  const begun = new Base64Text(beginning, decoder);
  begun.push(text.slice(head?.length ?? 0));
  return begun.isBase64 ? begun : undefined;
}

/** A long text that is Base64 as far as it came. */
class Base64Text {
  readonly #beginning: string;
  readonly #decoder: Base64Decoder;
  #isBase64 = true;
  /** A blank has come that is not ASCII: at the end of a text it does not matter, within Base64 it is foreign. */
  #isOver = false;

  constructor(beginning: string, decoder: Base64Decoder) {
    this.#beginning = beginning;
    this.#decoder = decoder;
  }

  get isBase64(): boolean {
    return this.#isBase64;
  }

  /** Takes a piece that has Base64 digits and nothing else; takes nothing of any other and returns false. */
  pushDigits(ascii: Buffer): boolean {
    return this.#isBase64 && !this.#isOver && this.#decoder.pushDigits(ascii);
  }

  push(text: string): void {
    const trimmed = text.trimEnd();
    if (this.#isOver && trimmed !== '') this.#isBase64 = false;
    if (!this.#isBase64 || this.#isOver) return;
    const isAscii = Buffer.byteLength(trimmed) === trimmed.length;
    this.#isBase64 = isAscii && this.#decoder.push(Buffer.from(trimmed, 'latin1'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
    this.#isOver = /[^\x00-\x7f]/.test(text.slice(trimmed.length));
  }

  /**
   * The bytes. When it was no Base64 after all: the beginning of the text and an ellipsis, which is as little Base64,
   * and no more a URL, than the whole.
   */
  end(): Uint8Array | string {
    return (this.#isBase64 && this.#decoder.end()) || `${this.#beginning}…`;
  }
}

export type { Base64Text };
