import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

/**
 * Answers what is not even an HTTP request, or one that does not arrive in time, in the form of all failures.
 * The error is not logged: it carries the bytes that came, tokens included.
 */
export function answerClientError({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, error } = answers.get(code) ?? badRequest;
  const body = JSON.stringify({ error, code: 'invalid_request', requestId: randomUUID() });
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.destroySoon(); // without waiting for the other side, which may never end
}

const badRequest = { status: '400 Bad Request', error: 'This is not a valid HTTP request.' };

const answers: ReadonlyMap<string | undefined, typeof badRequest> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: '408 Request Timeout', error: 'The request did not arrive in time.' },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    { status: '431 Request Header Fields Too Large', error: 'The headers of the request are too large.' },
  ],
]);
