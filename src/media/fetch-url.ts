import { FetchError } from './fetch-error.ts';
import { limits } from './limits.ts';

/** A URL to fetch, and what the request line asks for. */
export interface FetchUrl {
  readonly url: URL;
  /** Path and query; the query byte for byte as it was written, because signatures are made over it. */
  readonly target: string;
}

/**
 * Reads an http or https URL, or a `Location` relative to `base`.
 *
 * Errors: `FetchError` (`url-…`); it never repeats the URL, whose query may be a secret.
 */
export function parseFetchUrl(text: string, base?: URL): FetchUrl {
  if (text.length > limits.urlLength) throw new FetchError('url-too-long');
  const written = text.trim().replace(/[\t\r\n]/g, '');
  const url = URL.parse(written, base?.href);
  if (url === null) throw new FetchError('url-invalid');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchError('url-scheme', { detail: url.protocol.slice(0, 16) });
  }
  if (url.username !== '' || url.password !== '') throw new FetchError('url-credentials');
  return { url, target: url.pathname + writtenQuery(written, url) };
}

/**
 * The URL parser rewrites a few characters of a query (`'` to `%27`); only what HTTP cannot carry is rewritten here.
 */
function writtenQuery(written: string, url: URL): string {
  const [beforeFragment = ''] = written.split('#', 1);
  const start = beforeFragment.indexOf('?');
  if (start === -1) return url.search;
  return beforeFragment
    .slice(start)
    .replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()));
}
