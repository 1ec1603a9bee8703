/** What callers are told who cannot have what they want of a session: its phone, or a code to pair with. */
import { GatewayError } from '../errors.ts';
import type { SessionStatus, StopReason } from '../session-control.ts';
import type { EndReason } from '../whatsapp/whatsapp.ts';
import { isPaired, isToldToWait, type SessionState } from './state.ts';

/** Where the session stands. */
interface Standing extends Pick<SessionStatus, 'lastEnd'> {
  readonly state: SessionState;
  readonly now: Date;
  /** The end of a pause. */
  readonly retryAt: Date | undefined;
}

/**
 * For those who need the phone: retryable while the session comes back by itself, and otherwise with the reason why it
 * does not. Without a phone nothing comes back by itself, whatever the session waits for.
 */
export function notConnected(standing: Standing): GatewayError {
  const { state } = standing;
  switch (state.name) {
    case 'stopped':
      return because(whyStopped[state.reason]);
    case 'passkey':
      return because('WhatsApp asks for a passkey before it links this phone.');
    case 'removed':
      return because('This instance has been deleted.');
    case 'waiting':
    case 'connecting':
      return isPaired(state) ? comesBack(standing) : because();
    case 'online':
    case 'shut': // the next process takes over
      return because(undefined, 1);
    default:
      return because();
  }
}

/** For those who ask for a code of a session that shows none. */
export const notPairing = (standing: Standing): GatewayError =>
  isToldToWait(standing.state) ? comesBack(standing) : notConnected(standing);

/** For those who have waited for a code in vain: why there is none, where that is known. */
export function noCodeYet(standing: Standing): GatewayError {
  const end = unresolvedEnd(standing);
  if (!end || !noWayToWhatsApp.has(end.reason)) {
    return new GatewayError('whatsapp_timeout', {
      message: 'WhatsApp has not given a code to pair with yet. Ask again in a moment.',
    });
  }
  return new GatewayError('whatsapp_unavailable', {
    message: whyItFailed(end),
    retryAfterSeconds: secondsLeft(standing),
  });
}

const noWayToWhatsApp: ReadonlySet<EndReason> = new Set(['unreachable', 'proxy-failed', 'lost']);

function comesBack(standing: Standing): GatewayError {
  const { state, now, retryAt = now } = standing;
  if (isToldToWait(state)) return because(whyToldToWait(retryAt), secondsLeft(standing));
  const end = unresolvedEnd(standing);
  return because(end && whyItFailed(end), secondsLeft(standing));
}

const because = (reason?: string, retryAfterSeconds?: number): GatewayError =>
  new GatewayError('not_connected', {
    ...(reason !== undefined && { message: `You are not connected. ${reason}` }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

const secondsLeft = ({ now, retryAt = now }: Standing): number =>
  Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1_000));

/** How the last connection ended, if the session has not got over it yet. */
const unresolvedEnd = ({ state, lastEnd }: Standing): SessionStatus['lastEnd'] =>
  'attempt' in state && state.attempt > 0 ? lastEnd : undefined;

const whyItFailed = ({ reason, detail }: NonNullable<SessionStatus['lastEnd']>): string => {
  const what = reason === 'unreachable' ? 'WhatsApp cannot be reached from here at the moment. ' : '';
  return `${what}${detail} It is tried again by itself.`;
};

const whyToldToWait = (until: Date) =>
  `WhatsApp told us to stay away until ${until.toISOString().replace(/\.\d+/, '')}; a restart tries earlier, and may make it longer.`;

const whyStopped: Readonly<Record<StopReason, string>> = {
  replaced:
    'Another program uses the keys of this instance; restart the instance to take the connection back.',
  banned: 'WhatsApp has locked or banned this account; restart the instance to try again.',
  'client-too-old':
    'WhatsApp does not accept the version of WhatsApp Web that this gateway speaks. It tries again every half hour, in case a newer one is known by then; if that does not help, update the gateway.',
  moved:
    'This instance was exported to another gateway; restart it to bring it back, and only if it does not run there.',
};
