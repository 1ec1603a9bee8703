import { type Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { addressOf } from './reachable.ts';

/** A proxy that does not take us to WhatsApp. The message is a sentence without the proxy's address or password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

const protocols = ['socks5:', 'socks5h:', 'socks4:', 'socks4a:', 'http:', 'https:'];

/**
 * Reads the address of a proxy: `socks5://user:password@host:port`, also `socks5h:`, `socks4:`, `socks4a:`, `http:` and
 * `https:`. `undefined` for anything else. The proxy resolves WhatsApp's name, which only `socks4:` leaves to us.
 */
export function parseProxyUrl(text: string): URL | undefined {
  const url = URL.parse(text.trim());
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '') return undefined;
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return undefined;
  return [url.username, url.password].every(isDecodable) ? url : undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** How long a proxy may take to let us through, and what ends the attempt before. */
interface Patience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The way through a proxy for one connection: the `agent` of a request or a WebSocket. Whatever goes wrong before the
 * proxy has let us through ends the request with a `ProxyError`.
 */
export type ProxyRoute = (patience: Patience) => Agent;

/**
 * The way through the proxy with this address.
 *
 * Errors: `ProxyError` when the address is none.
 */
export async function proxyRoute(proxyUrl: string): Promise<ProxyRoute> {
  const url = parseProxyUrl(proxyUrl);
  if (!url) throw new ProxyError('The address of the proxy is none that can be used.');
  return url.protocol.startsWith('socks') ? socksRoute(url) : httpRoute(url);
}

// The libraries are loaded when there is a proxy: they take 3 MB of memory, and most instances have none.

async function socksRoute(url: URL): Promise<ProxyRoute> {
  const { SocksProxyAgent } = await import('socks-proxy-agent');
  // To this library, the "h" says that the proxy resolves names. Without it some proxies are of no use, and all of them
  // leave our own resolver to see where we go.
  const proxy = url.href.replace(/^socks5:/, 'socks5h:');
  return (patience) => {
    const agent = new SocksProxyAgent(proxy);
    const connect = agent.connect.bind(agent);
    // An attempt that was given up ends by itself, after the library's own 30 s.
    agent.connect = (asking, options) => throughProxy(connect(asking, options), patience);
    return agent;
  };
}

async function httpRoute(url: URL): Promise<ProxyRoute> {
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return (patience) => {
    const givenUp = new AbortController();
    const agent = new HttpsProxyAgent(url, { signal: givenUp.signal });
    const connect = agent.connect.bind(agent);
    let status = 0;
    agent.on('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode;
    });
    agent.connect = async (asking, options) => {
      const socket = await throughProxy(connect(asking, options), patience, () => givenUp.abort());
      if (status === 200) return socket;
      // The library would hand on the proxy's answer as if it were WhatsApp's.
      socket.destroy();
      throw new ProxyError(
        status === 407 ? sentences.login : `The proxy refused the way to WhatsApp (${status}).`,
      );
    };
    return agent;
  };
}

async function throughProxy(
  connecting: Promise<Socket>,
  { timeoutMs, signal }: Patience,
  giveUp: () => void = () => {},
): Promise<Socket> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new ProxyError(sentences.silence)), timeoutMs);
  const leave = () => reject(new ProxyError('The connection was given up.'));
  signal?.addEventListener('abort', leave);
  try {
    return await Promise.race([connecting, over]);
  } catch (error) {
    giveUp();
    connecting.then((socket) => socket.destroy()).catch(() => {}); // too late, and told already
    throw error instanceof ProxyError ? error : proxyErrorFrom(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}

const sentences = {
  login: 'The proxy refused the user name or password.',
  silence: 'The proxy did not answer in time.',
};

/** By what the libraries say; the codes of Node's errors are in their messages. Those may hold the proxy's address. */
const sentencesByMessage: readonly (readonly [fits: RegExp, sentence: string])[] = [
  [/authentication|RejectedIdent/i, sentences.login],
  [/ECONNREFUSED/, "Nobody answers at the proxy's address (ECONNREFUSED)."],
  [/ENOTFOUND|EAI_/, 'The name of the proxy was not found.'],
  [/EHOST|ENET/, 'There is no way through the network to the proxy.'],
  [/timed out|ETIMEDOUT/i, sentences.silence],
  [/rejected connection/i, 'The proxy refused the way to WhatsApp, or found none.'],
];

function proxyErrorFrom(error: unknown): ProxyError {
  const { message = '', code = '' } = (error ?? {}) as { message?: string; code?: string };
  const sentence = sentencesByMessage.find(([fits]) => fits.test(`${code} ${message}`))?.[1];
  return new ProxyError(sentence ?? 'The proxy broke off, or is none of the kind that its address says.');
}

/**
 * Whether a proxy lets us through to WhatsApp, for which it gets 10 s. Nothing is said to WhatsApp but that we are there.
 * `webSocketUrl` is another WhatsApp, see `BaileysOptions`.
 */
export async function isProxyReachable(
  proxyUrl: string,
  { webSocketUrl, timeoutMs = 10_000 }: { webSocketUrl?: string | undefined; timeoutMs?: number } = {},
): Promise<boolean> {
  if (!parseProxyUrl(proxyUrl)) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const route = await proxyRoute(proxyUrl);
  const asking = request({ ...addressOf(webSocketUrl), agent: route({ timeoutMs }) });
  asking.once('socket', () => resolve(true)); // there is one when the proxy has let us through
  asking.on('error', () => resolve(false));
  const isReachable = await promise;
  asking.destroy();
  return isReachable;
}
