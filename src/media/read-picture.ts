import { bytesInText } from '../base64/bytes-in-text.ts';
import { pictureTooLarge } from '../picture-too-large.ts';
import { GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
import { limits } from './limits.ts';
import { brokenDataUri, noPicture, pictureFailure } from './picture-failure.ts';

export interface PictureReader extends Disposable {
  /**
   * The bytes behind an http or https URL, a data URI or bare Base64; bytes are handed through. What they hold is not
   * looked at. Aborting `signal` ends a fetch; it then rejects with the signal's reason.
   *
   * Errors: `picture_url_*`, `picture_too_large`, `picture_unreadable` (a broken data URI, or none of the three),
   * `overloaded`.
   */
  readPicture(
    source: string | Uint8Array,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
}

/** Reads the pictures that callers give. Disposing ends the fetches that are under way. */
export function createPictureReader(
  options: Omit<GuardedFetchOptions, 'maxBytes'> & Partial<Pick<GuardedFetchOptions, 'maxBytes'>>,
): PictureReader {
  const { maxBytes = limits.pictureBytes } = options;
  const fetcher = new GuardedFetch({ ...options, maxBytes });

  async function fetchPicture(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    try {
      return await fetcher.fetchBytes(url, { signal });
    } catch (error) {
      throw pictureFailure(error);
    }
  }

  async function readText(text: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const scheme = /^([a-z][a-z\d+.-]{0,31}):/i.exec(text)?.[1]?.toLowerCase();
    if (text === '' || (scheme !== undefined && scheme !== 'data')) return fetchPicture(text, signal);

    const bytes = bytesInText(text);
    if (bytes === undefined) throw scheme === 'data' ? brokenDataUri() : noPicture();
    return bytes;
  }

  return {
    async readPicture(source, { signal } = {}) {
      const bytes = typeof source === 'string' ? await readText(source.trim(), signal) : source;
      if (bytes.length > maxBytes) throw pictureTooLarge(maxBytes);
      return bytes;
    },
    [Symbol.dispose]: () => fetcher[Symbol.dispose](),
  };
}
