import { connect } from 'node:net';
import { DEFAULT_CONNECTION_CONFIG } from 'baileys';

/** Where WhatsApp's server listens; `webSocketUrl` is another WhatsApp, see `BaileysOptions`. */
export function addressOf(webSocketUrl: string | undefined): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(webSocketUrl ?? DEFAULT_CONNECTION_CONFIG.waWebSocketUrl);
  return {
    host: hostname.replace(/^\[|\]$/g, ''), // IPv6
    port: Number(port) || (protocol === 'wss:' ? 443 : 80),
  };
}

/**
 * Whether WhatsApp's server takes a TCP connection from here, without a proxy: whether the network is back. The server
 * is told nothing.
 */
export async function isWhatsAppReachable(
  webSocketUrl: string | undefined,
  { timeoutMs = 3_000 }: { timeoutMs?: number } = {},
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(addressOf(webSocketUrl));
  const timer = setTimeout(() => resolve(false), timeoutMs);
  socket.once('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  const isReachable = await promise;
  clearTimeout(timer);
  socket.destroy();
  return isReachable;
}
