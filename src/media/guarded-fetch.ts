import { lookup } from 'node:dns/promises';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { addressRules } from './address-rules.ts';
import type { ByteBudget, ByteShare } from './byte-budget.ts';
import { collectBytes } from './collect-bytes.ts';
import { FetchError, fetchErrorFrom } from './fetch-error.ts';
import { type FetchUrl, parseFetchUrl } from './fetch-url.ts';
import { guardedConnector, type Resolve } from './guarded-connector.ts';
import { limits } from './limits.ts';
import { isWebPage } from './web-page.ts';

export interface GuardedFetchOptions {
  /** Hosts and networks that are exempt from the check of addresses; see `addressRules`. */
  readonly allow: readonly string[];
  /** Names us to the servers that we fetch from: `Pombo/1.2.3 (+https://…)`. */
  readonly userAgent: string;
  /** What is asked for, and what else goes with the request. Default: pictures. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The most that is read, counted after decompression. */
  readonly maxBytes: number;
  /** What is held while it arrives. */
  readonly budget: ByteBudget;
  readonly timeoutMs?: number;
  /** Fetches under way at the same time. */
  readonly maxAtOnce?: number;
  readonly resolve?: Resolve;
}

const pictureHeaders = { accept: 'image/*, */*;q=0.1' };

const resolveWithSystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/**
 * Fetches what a stranger's URL points to without opening our network to strangers: GET over http and https only,
 * to public addresses only, within limits of time, size and redirects. Each request has a connection of its own, which
 * ends with it. Disposing ends what is under way.
 */
export class GuardedFetch implements Disposable {
  readonly #mayConnect: ReturnType<typeof addressRules>;
  readonly #options: Required<GuardedFetchOptions>;
  readonly #underWay = new Set<AbortController>();

  constructor(options: GuardedFetchOptions) {
    const {
      timeoutMs = limits.fetchTimeoutMs,
      maxAtOnce = limits.fetchesAtOnce,
      headers = pictureHeaders,
      resolve = resolveWithSystem,
    } = options;
    this.#options = { ...options, timeoutMs, maxAtOnce, headers, resolve };
    this.#mayConnect = addressRules(options.allow);
  }

  /**
   * The bytes behind a URL, or behind where it leads.
   *
   * Errors: `FetchError`; `overloaded` when too many fetches are under way or hold too much. When `signal` aborts,
   * the fetch ends at once and rejects with the signal's reason.
   */
  async fetchBytes(text: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#underWay.size >= this.#options.maxAtOnce) {
      throw new GatewayError('overloaded', { retryAfterSeconds: 2 });
    }
    using atEnd = new DisposableStack();
    const share = atEnd.use(this.#options.budget.reserve(0));
    const end = new AbortController();
    this.#underWay.add(end);
    atEnd.defer(() => this.#underWay.delete(end));
    const timer = setTimeout(() => end.abort(new DOMException('', 'TimeoutError')), this.#options.timeoutMs);
    atEnd.defer(() => clearTimeout(timer));
    const giveUp = () => end.abort(signal?.reason);
    signal?.addEventListener('abort', giveUp);
    atEnd.defer(() => signal?.removeEventListener('abort', giveUp));
    try {
      return await this.#follow(parseFetchUrl(text), { signal: end.signal, share });
    } catch (error) {
      signal?.throwIfAborted(); // whoever gave up gets their own reason, whatever it looks like to us
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const end of this.#underWay) end.abort(new FetchError('stopped'));
  }

  async #follow(from: FetchUrl, progress: Progress): Promise<Uint8Array> {
    let at = from;
    for (let redirects = 0; redirects <= limits.redirects; redirects++) {
      const found = await this.#get(at, progress);
      if (found instanceof Uint8Array) return found;
      at = found;
    }
    throw new FetchError('redirects-too-many', { host: at.url.host });
  }

  /** What one request brings: bytes, or where they are instead. */
  async #get({ url, target }: FetchUrl, { signal, share }: Progress): Promise<Uint8Array | FetchUrl> {
    const { userAgent, headers: further, resolve } = this.#options;
    const client = new Client(url.origin, {
      connect: guardedConnector({ mayConnect: this.#mayConnect, resolve, signal }),
      allowH2: false, // the connector speaks HTTP/1.1 only
      pipelining: 0, // one request
    });
    try {
      const headers = {
        'user-agent': userAgent,
        ...further,
        'accept-encoding': 'identity',
      };
      const request = () => client.request({ path: target, method: 'GET', headers, signal });
      // undici heeds the signal only once there is a connection.
      const response = await unlessAborted(request, signal);
      const location = redirectOf(response);
      return location === undefined
        ? await this.#read(response, { host: url.host, share })
        : redirected(location, url);
    } catch (error) {
      throw fetchErrorFrom(error, url.host);
    } finally {
      await client.destroy();
    }
  }

  async #read(
    response: Dispatcher.ResponseData,
    { host, share }: { readonly host: string; readonly share: ByteShare },
  ): Promise<Uint8Array> {
    const { statusCode, body } = response;
    if (statusCode < 200 || statusCode > 299) throw new FetchError('status', { host, detail: statusCode });
    const { maxBytes } = this.#options;
    const tooLarge = () => {
      throw new FetchError('too-large', { host, detail: maxBytes });
    };
    const collect = (stream: AsyncIterable<Uint8Array>) =>
      collectBytes(stream, { maxBytes, share, tooLarge });
    const decoder = decoderFor(response);
    const bytes = await (decoder ? pipeline(body, decoder, collect) : pipeline(body, collect));
    if (bytes.length === 0) throw new FetchError('empty', { host });
    if (isWebPage(bytes)) throw new FetchError('web-page', { host });
    return bytes;
  }
}

/** What a fetch carries from hop to hop. */
interface Progress {
  readonly signal: AbortSignal;
  readonly share: ByteShare;
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const location = [headers.location].flat()[0];
  if (!redirectStatuses.has(statusCode) || location === undefined) return undefined;
  return Buffer.from(location, 'latin1').toString(); // header bytes; servers write UTF-8 here
}

/** Where a `Location` leads. From https to http, too: nothing of ours goes with the request that could be read. */
function redirected(location: string, from: URL): FetchUrl {
  try {
    return parseFetchUrl(location, from);
  } catch (cause) {
    throw new FetchError('redirect-unfetchable', { host: from.host, cause });
  }
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
      // A window of 8 MiB is the most that HTTP allows (RFC 9659); zstd itself would take 128 MiB for one answer.
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } });
    default:
      return undefined;
  }
}
