import { GatewayError } from '../errors.ts';

/** A URL to fetch, and what the request line asks for. */
export interface PictureUrl {
  readonly url: URL;
  /** Path and query; the query byte for byte as it was written, because signatures are made over it. */
  readonly target: string;
}

/** Twice as long as most servers take. */
const maxUrlLength = 16_384;

/**
 * Reads an http or https URL, or a `Location` relative to `base`.
 *
 * Errors: `picture_url_invalid`; the sentence never repeats the URL, whose query may be a secret.
 */
export function parsePictureUrl(text: string, base?: URL): PictureUrl {
  if (text.length > maxUrlLength) {
    throw invalid(`The picture URL has more than ${maxUrlLength} characters. Use a shorter one, or Base64.`);
  }
  const written = text.trim().replace(/[\t\r\n]/g, '');
  const url = URL.parse(written, base?.href);
  if (url === null) throw invalid('The picture URL is not a valid URL. Expected https://host/path.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(
      `Pictures are fetched from http and https URLs only, not from ${url.protocol.slice(0, 16)} addresses.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('The picture URL has a user name or password in it; use a URL that works without.');
  }
  return { url, target: url.pathname + writtenQuery(written, url) };
}

const invalid = (message: string) => new GatewayError('picture_url_invalid', { message });

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
