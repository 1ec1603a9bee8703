import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';

/** Aborts when the client goes away before it has its answer; the reason is a failure that nobody will read. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const abort = () => {
    if (response.writableFinished) return;
    gone.abort(new GatewayError('invalid_request', { message: 'The client went away before the answer.' }));
  };
  if (response.closed) abort();
  else response.once('close', abort);
  return gone.signal;
}
