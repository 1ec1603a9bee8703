import { GatewayError } from '../errors.ts';
import { FetchError } from './fetch-error.ts';
import { GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
import { limits } from './limits.ts';

export interface PhotoReader extends Disposable {
  /**
   * The bytes of a photo at the address that WhatsApp gave for it; bytes are handed through. Aborting `signal` ends
   * the fetch; it then rejects with the signal's reason.
   *
   * Errors: `whatsapp_unavailable`, `whatsapp_timeout`, `overloaded`.
   */
  readPhoto(
    source: string | Uint8Array,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
}

/**
 * Reads the photos that WhatsApp keeps. Its addresses are fetched as guardedly as a stranger's: `allow` has to list the
 * host of a WhatsApp that is not on the public internet, such as the simulator's. Disposing ends the fetches that are
 * under way.
 */
export function createPhotoReader(options: Omit<GuardedFetchOptions, 'maxBytes'>): PhotoReader {
  const fetcher = new GuardedFetch({ ...options, maxBytes: limits.photoBytes });

  return {
    async readPhoto(source, { signal } = {}) {
      if (typeof source !== 'string') return source;
      try {
        return await fetcher.fetchBytes(source, { signal });
      } catch (error) {
        throw photoFailure(error);
      }
    },
    [Symbol.dispose]: () => fetcher[Symbol.dispose](),
  };
}

/** A `FetchError` in WhatsApp's terms: the caller gave no URL and has none to mend. Other errors come back as they are. */
function photoFailure(error: unknown): unknown {
  if (!(error instanceof FetchError)) return error;
  if (error.reason === 'timeout') {
    return new GatewayError('whatsapp_timeout', {
      message: 'WhatsApp did not deliver the photo in time. Try again shortly.',
      cause: error,
    });
  }
  // Also a 403 or 404: the address has expired, or the photo was changed in between. Asked again, WhatsApp gives another.
  return new GatewayError('whatsapp_unavailable', {
    message: 'WhatsApp did not deliver the photo. Try again shortly.',
    cause: error,
    retryAfterSeconds: 5,
  });
}
