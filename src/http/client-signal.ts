import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';

/**
 * Aborts when nobody waits for the answer any more: when the client goes away before it has it, with a failure that
 * nobody will read, or with `cutOff`.
 */
export function clientSignal(response: ServerResponse, cutOff: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const cut = () => gone.abort(cutOff.reason);
  const close = () => {
    cutOff.removeEventListener('abort', cut);
    if (response.writableFinished) return;
    gone.abort(new GatewayError('invalid_request', { message: 'The client went away before the answer.' }));
  };
  if (cutOff.aborted) cut();
  else cutOff.addEventListener('abort', cut);
  if (response.closed) close();
  else response.once('close', close);
  return gone.signal;
}
