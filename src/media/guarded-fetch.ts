import { lookup } from 'node:dns/promises';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { Agent, type Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import { addressRules } from './address-rules.ts';
import { fetchFailure } from './fetch-failure.ts';
import { guardedConnector, type Resolve } from './guarded-connector.ts';
import { type PictureUrl, parsePictureUrl } from './picture-url.ts';
import { tooLarge } from './too-large.ts';

export interface GuardedFetchOptions {
  /** Hosts and networks that are exempt from the check of addresses; see `addressRules`. */
  readonly allow: readonly string[];
  /** Names us to the servers that we fetch from: `Pombo/1.2.3 (+https://…)`. */
  readonly userAgent: string;
  /** For the whole fetch: name, connection, redirects and body. */
  readonly timeoutMs?: number;
  /** The most that is read, counted after decompression. */
  readonly maxBytes: number;
  /** Fetches under way at the same time; each may hold `maxBytes`. */
  readonly maxAtOnce?: number;
  readonly resolve?: Resolve;
}

const maxRedirects = 5;

const resolveWithSystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/**
 * Fetches what a stranger's URL points to without opening our network to strangers: GET over http and https only,
 * to public addresses only, within limits of time, size and redirects. Disposing ends what is under way.
 */
export class GuardedFetch implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #userAgent: string;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  readonly #maxAtOnce: number;
  #underWay = 0;

  constructor(options: GuardedFetchOptions) {
    const { allow, userAgent, timeoutMs = 10_000, maxBytes } = options;
    const { maxAtOnce = 64, resolve = resolveWithSystem } = options;
    this.#agent = new Agent({
      connect: guardedConnector({ mayConnect: addressRules(allow), resolve, timeoutMs }),
      allowH2: false, // the connector speaks HTTP/1.1 only
    });
    this.#userAgent = userAgent;
    this.#timeoutMs = timeoutMs;
    this.#maxBytes = maxBytes;
    this.#maxAtOnce = maxAtOnce;
  }

  /**
   * The bytes behind a URL.
   *
   * Errors: `picture_url_invalid`, `picture_url_forbidden` (also when a redirect leads there), `picture_url_failed`,
   * `picture_url_timeout`, `picture_too_large`. They name the host, never the rest of the URL nor the answer's text.
   * `overloaded` when too many are under way.
   */
  async fetchPicture(text: string): Promise<Uint8Array> {
    if (this.#underWay >= this.#maxAtOnce) throw new GatewayError('overloaded', { retryAfterSeconds: 2 });
    this.#underWay++;
    try {
      return await this.#follow(text);
    } finally {
      this.#underWay--;
    }
  }

  /** The bytes behind a URL, or behind where it leads. */
  async #follow(text: string): Promise<Uint8Array> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    let at = parsePictureUrl(text);
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      try {
        const response = await this.#get(at, signal);
        const location = redirectOf(response);
        if (location === undefined) return await this.#picture(response, at.url.host);
        discard(response);
        at = redirected(location, at.url);
      } catch (error) {
        throw fetchFailure(error, at.url.host);
      }
    }
    throw failed(at.url.host, `redirects more than ${maxRedirects} times. Use the picture's final address.`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.destroy();
  }

  #get({ url, target }: PictureUrl, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const response = this.#agent.request({
      origin: url.origin,
      path: target,
      method: 'GET',
      headers: { 'user-agent': this.#userAgent, accept: 'image/*, */*;q=0.1', 'accept-encoding': 'identity' },
      signal,
    });
    // undici heeds the signal only once there is a connection.
    return Promise.race([response, rejectedBy(signal)]);
  }

  async #picture(response: Dispatcher.ResponseData, host: string): Promise<Uint8Array> {
    if (response.statusCode < 200 || response.statusCode > 299) {
      discard(response);
      throw failed(host, `answered ${response.statusCode}. ${adviceFor(response.statusCode)}`);
    }
    const bytes = await this.#body(response);
    if (bytes.length === 0) throw failed(host, 'sent nothing: the answer is empty.');
    if (isWebPage(bytes)) {
      throw failed(
        host,
        'sent a web page (HTML) instead of a picture. Use the address of the picture itself, which needs no login.',
      );
    }
    return bytes;
  }

  async #body(response: Dispatcher.ResponseData): Promise<Uint8Array> {
    const maxBytes = this.#maxBytes;
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    async function collect(source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        chunks.push(chunk);
      }
    }
    const decoder = decoderFor(response);
    await (decoder ? pipeline(response.body, decoder, collect) : pipeline(response.body, collect));
    return Buffer.concat(chunks, sizeBytes);
  }
}

const failed = (host: string, what: string) =>
  new GatewayError('picture_url_failed', { message: `The picture URL's host "${host}" ${what}` });

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Ends an answer that nobody reads; its connection goes with it. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => {}); // only says that we ended it
  body.destroy();
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const location = [headers.location].flat()[0];
  if (!redirectStatuses.has(statusCode) || location === undefined) return undefined;
  return Buffer.from(location, 'latin1').toString(); // header bytes; servers write UTF-8 here
}

function redirected(location: string, from: URL): PictureUrl {
  try {
    return parsePictureUrl(location, from);
  } catch (cause) {
    throw new GatewayError('picture_url_forbidden', {
      message: `The picture URL's host "${from.host}" redirects to something that is not fetched: only http and https URLs without a user name are.`,
      cause,
    });
  }
}

function adviceFor(status: number): string {
  if (status === 404 || status === 410) return 'There is no picture at this address.';
  if (status === 401 || status === 403)
    return 'The link needs a login, or it has expired; use one that is public.';
  if (status === 429 || status >= 500) return 'Its server has trouble; try again later.';
  return 'Use the address of the picture itself.';
}

/** Some stores compress although we ask them not to. A coding we do not know is left alone: the bytes will tell. */
function decoderFor({ headers }: Dispatcher.ResponseData): Duplex | undefined {
  switch ([headers['content-encoding']].flat()[0]?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      return undefined;
  }
}

/** Not by the declared type: PHP says text/html for a picture unless it is told otherwise. */
const isWebPage = (bytes: Uint8Array) =>
  /^\uFEFF?\s*<(?:!doctype\s+html|html)[\s>]/i.test(Buffer.from(bytes.subarray(0, 512)).toString());
