import { GatewayError } from '../errors.ts';
import { isPaired, type SessionState } from './state.ts';

/**
 * What callers are told who need a connection when there is none: retryable while the session comes back by itself,
 * and otherwise with the reason why it does not.
 */
export function notConnected(state: SessionState): GatewayError {
  switch (state.name) {
    case 'stopped':
      return new GatewayError('not_connected', {
        message: `You are not connected. ${whyStopped[state.reason]}`,
      });
    case 'waiting':
      return new GatewayError(
        'not_connected',
        isPaired(state) ? { retryAfterSeconds: Math.max(1, Math.ceil(state.delayMs / 1_000)) } : {},
      );
    case 'connecting':
    case 'online':
    case 'shut': // the next process takes over
      return new GatewayError('not_connected', { retryAfterSeconds: 1 });
    default:
      return new GatewayError('not_connected');
  }
}

const whyStopped = {
  replaced:
    'Another program uses the keys of this instance; restart the instance to take the connection back.',
  banned: 'WhatsApp has locked or banned this account; restart the instance to try again.',
  'client-too-old': 'WhatsApp no longer accepts this version of the gateway: update it.',
};
