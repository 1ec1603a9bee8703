import { GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';

export interface TextReader extends Disposable {
  /**
   * The text behind a URL of our own choosing.
   *
   * Errors: `FetchError`; `overloaded` when too much is held already.
   */
  fetchText(url: string): Promise<string>;
}

/** Scripts of web sites grow; what is looked for in them is a line. */
const maxBytes = 2 ** 20;

/**
 * Reads texts of web sites, as a browser that was just told their address: WhatsApp Web serves nobody else (Baileys
 * Utils/generics.ts, fetchLatestWaWebVersion). As guarded as every fetch; disposing ends those that are under way.
 */
export function createTextReader(
  options: Omit<GuardedFetchOptions, 'maxBytes' | 'userAgent' | 'headers'>,
): TextReader {
  const fetcher = new GuardedFetch({
    ...options,
    maxBytes,
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
    headers: { accept: '*/*', 'sec-fetch-site': 'none' },
  });
  return {
    fetchText: async (url) => Buffer.from(await fetcher.fetchBytes(url)).toString(),
    [Symbol.dispose]: () => fetcher[Symbol.dispose](),
  };
}
