import type { IncomingMessage } from 'node:http';
import type { EndReason } from '../whatsapp.ts';
import { ProxyError } from './proxy.ts';

/** How a connection ended. */
export interface End {
  readonly reason: EndReason;
  /** A sentence for operators: with WhatsApp's number where it gave one, without addresses and secrets. */
  readonly detail: string;
  /** How long WhatsApp told us to stay away. */
  readonly retryAfterMs?: number | undefined;
}

/** How Baileys says that a connection ended (the parts of a Boom that tell one end from another). */
interface BaileysEnd {
  readonly message?: string;
  readonly output?: { readonly statusCode?: number };
  readonly data?: unknown;
}

/** What there is to say about a number with which WhatsApp ends a connection. */
interface Meaning {
  readonly reason: EndReason;
  readonly sentence: string;
}

/**
 * The numbers that WhatsApp ends a connection with, in a `<failure>` or a `<stream:error>`. The others mean trouble that
 * passes: `lost`.
 *
 * Sources: whatsmeow types/events/events.go (ConnectFailureReason) and connectionevents.go; zapo src/protocol/stream.ts.
 */
const meanings: Readonly<Record<number, Meaning>> = {
  400: { reason: 'lost', sentence: 'WhatsApp refused the connection without a reason' },
  401: { reason: 'logged-out', sentence: 'WhatsApp no longer knows this device' },
  402: { reason: 'told-to-wait', sentence: 'WhatsApp has banned the account for a time' },
  403: { reason: 'banned', sentence: 'WhatsApp has locked the account' },
  405: { reason: 'client-too-old', sentence: 'The version of WhatsApp Web that we speak is too old' },
  406: { reason: 'banned', sentence: 'WhatsApp has banned the account' },
  409: { reason: 'client-too-old', sentence: 'WhatsApp does not believe what we say we are' },
  413: { reason: 'lost', sentence: 'WhatsApp no longer accepts our access token' },
  414: { reason: 'lost', sentence: 'WhatsApp does not accept our access token' },
  415: { reason: 'lost', sentence: 'WhatsApp did not find the account' },
  418: { reason: 'lost', sentence: 'WhatsApp does not know this client' },
  429: { reason: 'told-to-wait', sentence: 'WhatsApp wants fewer connections' },
  500: { reason: 'lost', sentence: 'WhatsApp has trouble of its own' },
  501: { reason: 'lost', sentence: 'WhatsApp is trying something out' },
  503: { reason: 'lost', sentence: 'WhatsApp is not available' },
  515: { reason: 'restart-required', sentence: 'WhatsApp wants a new connection' },
  516: { reason: 'logged-out', sentence: 'WhatsApp has logged this device out' },
};

/** Why an account was banned for a time. Source: whatsmeow types/events/events.go, TempBanReason. */
const banReasons: Readonly<Record<string, string>> = {
  '101': 'it wrote to too many people who do not have it in their address books',
  '102': 'too many people blocked it',
  '103': 'it created too many groups with people who do not have it in their address books',
  '104': 'it sent the same message to too many people',
  '106': 'it sent too many messages to a broadcast list',
};

/**
 * How a connection ended, from the error that Baileys gives with `connection: 'close'`: a Boom, any other Error, a bare
 * number (the close code of the WebSocket), or nothing at all.
 *
 * Until a phone has accepted us (`linked`), WhatsApp's no to the device is a failed pairing: there are no keys yet that
 * could be worthless.
 * Each row of the test was seen to arrive in its shape with baileys 7.0.0-rc14.
 */
export function endOf(error: unknown, linked: boolean): End {
  const { message = '', output, data } = (error ?? {}) as BaileysEnd;
  const code = output?.statusCode;
  if (message === 'Connection Failure') return saidByNumber('failure', code, data, linked);
  if (message.startsWith('Stream Errored')) {
    return conflictEnd(data, code, linked) ?? saidByNumber('stream error', code, data, linked);
  }
  return networkEnd(data) ?? { reason: 'lost', detail: otherDetail(error) };
}

function saidByNumber(kind: string, code: number | undefined, data: unknown, linked: boolean): End {
  const { reason, sentence } = meanings[code ?? 500] ?? {
    reason: 'lost' as const,
    sentence: 'WhatsApp ended the connection',
  };
  const attributes = attributesOf(data);
  const why = code === 402 ? banReasons[attributes.code ?? ''] : undefined;
  const number = [`${kind} ${code}`, code === 402 && attributes.code && `code ${attributes.code}`];
  return {
    reason: reason === 'logged-out' && !linked ? 'pairing-failed' : reason,
    detail: `${sentence}${why ? `: ${why}` : ''} (${number.filter(Boolean).join(', ')}).`,
    ...(reason === 'told-to-wait' && { retryAfterMs: toldToWaitMs(attributes) }),
  };
}

// A <conflict> often comes without a code, and Baileys then calls each of them "replaced" (440).
function conflictEnd(data: unknown, code: number | undefined, linked: boolean): End | undefined {
  const type = isNode(data, 'conflict') ? data.attrs.type : undefined;
  if (type === 'device_removed') {
    return {
      reason: linked ? 'logged-out' : 'pairing-failed',
      detail: 'The phone removed this device (stream error, device_removed).',
    };
  }
  if (type === 'replaced' || code === 440) {
    return {
      reason: 'replaced',
      detail: 'Another connection with the same keys took over (stream error, conflict).',
    };
  }
  return undefined;
}

/** For how long: `expire` of a ban and `backoff` of the others, both in seconds. */
function toldToWaitMs({ expire, backoff }: Readonly<Record<string, string>>): number | undefined {
  const seconds = Number(expire ?? backoff);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

/** Whatever went wrong before there was an HTTP answer to read, or with the network later. */
function networkEnd(data: unknown): End | undefined {
  if (data instanceof ProxyError) return { reason: 'proxy-failed', detail: data.message };
  if (!(data instanceof Error)) return undefined;
  const code = 'code' in data && typeof data.code === 'string' ? data.code : '';
  const sentence = unreachableSentences.find(([fits]) => fits.test(code || data.message))?.[1];
  if (sentence === undefined) return undefined;
  return { reason: 'unreachable', detail: `${sentence}${code && ` (${code})`}.` };
}

/** By the code of an error of Node's, or the message of one of `ws` that has none. */
const unreachableSentences: readonly (readonly [fits: RegExp, sentence: string])[] = [
  [/^(ENOTFOUND|ENODATA|EAI_)/, "The name of WhatsApp's server was not found"],
  [/^ECONNREFUSED$/, "Nobody answers at WhatsApp's address"],
  [/^(EHOST|ENET|EADDRNOTAVAIL$)/, 'There is no way through the network to WhatsApp'],
  [/^ETIMEDOUT$|handshake has timed out/, "WhatsApp's server did not answer in time"],
  [
    /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA)/,
    'No encrypted connection to WhatsApp could be made: something stands in between',
  ],
];

const otherDetail = (error: unknown): string => {
  if (error instanceof Error) return `The connection was lost: ${error.message}.`;
  return error == null ? 'The connection was lost.' : `The connection was lost (${String(error)}).`;
};

/** What an HTTP answer in place of the WebSocket means. */
export function refusedUpgrade(
  { statusCode, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
  now: Date,
): End {
  const retryAfterMs = retryAfterMsOf(headers['retry-after'], now);
  const detail = `WhatsApp's server answered HTTP ${statusCode} instead of opening the connection.`;
  const mustWait = statusCode === 429 || (statusCode === 503 && retryAfterMs !== undefined);
  return mustWait ? { reason: 'told-to-wait', detail, retryAfterMs } : { reason: 'lost', detail };
}

/** The header: seconds, or a date. */
function retryAfterMsOf(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  const untilMs = /^\d+$/.test(text) ? now.getTime() + Number(text) * 1_000 : Date.parse(text);
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - now.getTime());
}

interface Node {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
}

const isNode = (data: unknown, tag: string): data is Node =>
  typeof data === 'object' && data !== null && 'tag' in data && data.tag === tag && 'attrs' in data;

/** Those of a `<failure>` come bare, those of what is in a `<stream:error>` within their node. */
function attributesOf(data: unknown): Readonly<Record<string, string>> {
  if (typeof data !== 'object' || data === null) return {};
  return 'attrs' in data ? (data as Node).attrs : (data as Record<string, string>);
}
