import type { ServerResponse } from 'node:http';

/** Aborts when the client goes away before it has its answer. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const abort = () => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.closed) abort();
  else response.once('close', abort);
  return gone.signal;
}
