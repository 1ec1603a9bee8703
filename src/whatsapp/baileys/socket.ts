import type { Agent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { Browsers, makeWASocket, type WABrowserDescription, type WASocket } from 'baileys';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { WebVersion } from '../web-version.ts';
import type { AuthState } from './auth-state.ts';
import { withConsoleSilenced } from './console-silence.ts';
import { SentMessages } from './sent-messages.ts';
import { makeSignalRepository } from './signal-repository.ts';
import { withStrayRejectionsLogged } from './stray-rejections.ts';

/**
 * What we say we are. A plain browser: WhatsApp closes desktop identities before the first QR code
 * (WhiskeySockets/Baileys#2677), and refuses a pairing code to names that are not a known browser on a known system
 * (WhiskeySockets/Baileys#2769).
 */
export const browser: WABrowserDescription = Browsers.macOS('Chrome');

/** As much of a name as fits into the phone's list. */
const longestDeviceName = 50;

/**
 * What we say we are when pairing by QR code or pairing code, `deviceName` being what the phone lists us under. It takes
 * the place of the system, which is free text here (WhiskeySockets/Baileys#2769); the name that a pairing code is asked
 * for stays that of `browser`.
 */
export function browserOf(deviceName: string | undefined): WABrowserDescription {
  const [system, name, version] = browser;
  const written = deviceName?.replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ').trim();
  return [[...(written || system)].slice(0, longestDeviceName).join('').trim(), name, version];
}

/** How long WhatsApp may take to answer our closing of the WebSocket. */
const closeGraceMs = 1_000;

/** A Baileys socket, dialling. */
export function openSocket({
  auth,
  sent = new SentMessages(),
  webSocketUrl,
  version,
  deviceName,
  agent,
  connectTimeoutMs,
  queryTimeoutMs,
  logger,
}: {
  auth: AuthState;
  /** What to send again to those who ask for it; default: nothing yet. */
  sent?: SentMessages;
  webSocketUrl: string | undefined;
  version: WebVersion;
  /** See `browserOf`. */
  deviceName?: string | undefined;
  /** The way to WhatsApp; default: the straight one. */
  agent?: Agent | undefined;
  connectTimeoutMs: number;
  queryTimeoutMs: number;
  logger: Logger;
}): WASocket {
  const open = () => {
    const socket = makeWASocket({
      ...(webSocketUrl === undefined ? {} : { waWebSocketUrl: webSocketUrl }),
      auth,
      version: [...version],
      browser: browserOf(deviceName),
      agent: agent as HttpsAgent | undefined, // what takes it, `ws`, is content with either
      connectTimeoutMs,
      defaultQueryTimeoutMs: queryTimeoutMs,
      // What matters comes to us as errors and ends. Its own lines hold keys, messages and the bytes of pictures.
      logger: logger.child({}, { level: 'silent' }),
      // The phone keeps getting its own notifications.
      markOnlineOnConnect: false,
      // Nothing here keeps chats, and waiting for them holds back Baileys' events for 20 s after the first login.
      syncFullHistory: false,
      shouldSyncHistoryMessage: () => false,
      // A store that fails ends the connection; trying for half a minute more would only hide it.
      transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
      makeSignalRepository,
      getMessage: async ({ id }) => sent.get(id ?? ''),
    });
    socket.ev.on('creds.update', () => {
      auth.saveCreds().catch(() => {}); // the auth state has reported it
    });
    closeQuickly(socket);
    return socket;
  };
  return withStrayRejectionsLogged(logger, () => withConsoleSilenced(open));
}

/**
 * Ends what Baileys leaves running after its end: its own requests in flight keep waiting, and their timers keep the
 * process alive. They listen to errors of the WebSocket, so that is what they get.
 */
export function releaseWaiters(socket: WASocket, logger: Logger): void {
  withStrayRejectionsLogged(logger, () => socket.ws.emit('error', new Error('The connection is over.')));
}

/**
 * When Baileys ends it waits for the other side's closing frame, 30 s when there is nobody any more, and keeps silent
 * meanwhile. It always closes through `ws.close`, so this is where to cut it short.
 */
function closeQuickly(socket: WASocket): void {
  const client = socket.ws as unknown as { socket: WebSocket | null };
  socket.ws.close = async () => {
    const webSocket = client.socket;
    if (!webSocket) return;
    const closed = new Promise((resolve) => webSocket.once('close', resolve));
    webSocket.close();
    const timer = setTimeout(() => webSocket.terminate(), closeGraceMs);
    await closed;
    clearTimeout(timer);
    client.socket = null;
  };
}
