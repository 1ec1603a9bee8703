import { decodeDataUri } from '../base64/data-uri.ts';
import { decodeBase64 } from '../base64/decode-base64.ts';
import { GatewayError } from '../errors.ts';
import { GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
import { tooLarge } from './too-large.ts';

export interface PictureReader extends AsyncDisposable {
  /**
   * The bytes behind an http or https URL, a data URI or bare Base64. What they hold is not looked at.
   *
   * Errors: `picture_url_*`, `picture_too_large`, `picture_unreadable` (a broken data URI, or none of the three),
   * `overloaded`.
   */
  readPicture(source: string): Promise<Uint8Array>;
}

/** Reads pictures of at most `maxBytes` (16 MiB). Disposing ends the fetches that are under way. */
export function createPictureReader(
  options: Omit<GuardedFetchOptions, 'maxBytes'> & { maxBytes?: number },
): PictureReader {
  const { maxBytes = 16 * 2 ** 20 } = options;
  const fetcher = new GuardedFetch({ ...options, maxBytes });

  async function readPicture(source: string): Promise<Uint8Array> {
    const text = source.trim();
    const scheme = /^([a-z][a-z\d+.-]{0,31}):/i.exec(text)?.[1]?.toLowerCase();
    if (text === '' || (scheme !== undefined && scheme !== 'data')) return fetcher.fetchPicture(text);

    const bytes = scheme === 'data' ? decodeDataUri(text) : decodeBase64(text);
    if (bytes === undefined) throw unreadable(scheme === 'data' ? brokenDataUri : noneOfTheThree);
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    return bytes;
  }

  return { readPicture, [Symbol.asyncDispose]: () => fetcher[Symbol.asyncDispose]() };
}

const unreadable = (message: string) => new GatewayError('picture_unreadable', { message });

const brokenDataUri =
  'The picture is not a valid data URI. Expected data:image/png;base64, followed by Base64 without other characters.';
const noneOfTheThree =
  'The picture is neither an http or https URL, nor a data URI, nor Base64. A URL begins with https://, and Base64 has only letters, digits, +, /, - and _.';
