import { GatewayError } from '../errors.ts';
import type { StopReason } from '../session-control.ts';
import { isPaired, isToldToWait, type SessionState } from './state.ts';

/**
 * What callers are told who need a connection when there is none: retryable while the session comes back by itself,
 * and otherwise with the reason why it does not. `retryAt` is the end of a pause.
 */
export function notConnected(state: SessionState, now: Date, retryAt: Date | undefined): GatewayError {
  const remainingMs = (retryAt ?? now).getTime() - now.getTime();
  const retryAfterSeconds = Math.max(1, Math.ceil(remainingMs / 1_000));
  switch (state.name) {
    case 'stopped':
      return because(whyStopped[state.reason]);
    case 'passkey':
      return because('WhatsApp asks for a passkey before it links this phone.');
    case 'removed':
      return because('This instance has been deleted.');
    case 'waiting':
      if (isToldToWait(state)) return because(whyWaiting(retryAt ?? now), { retryAfterSeconds });
      return new GatewayError('not_connected', isPaired(state) ? { retryAfterSeconds } : {});
    case 'connecting':
    case 'online':
    case 'shut': // the next process takes over
      return new GatewayError('not_connected', { retryAfterSeconds: 1 });
    default:
      return new GatewayError('not_connected');
  }
}

const because = (reason: string, options: { readonly retryAfterSeconds?: number } = {}) =>
  new GatewayError('not_connected', { message: `You are not connected. ${reason}`, ...options });

const whyWaiting = (until: Date) =>
  `WhatsApp told us to stay away until ${until.toISOString().replace(/\.\d+/, '')}; restart the instance to try earlier.`;

const whyStopped: Readonly<Record<StopReason, string>> = {
  replaced:
    'Another program uses the keys of this instance; restart the instance to take the connection back.',
  banned: 'WhatsApp has locked or banned this account; restart the instance to try again.',
  'client-too-old':
    'WhatsApp does not accept the version of WhatsApp Web that this gateway speaks. It tries again every half hour, in case a newer one is known by then; if that does not help, update the gateway.',
  moved:
    'This instance was exported to another gateway; restart it to bring it back, and only if it does not run there.',
};
