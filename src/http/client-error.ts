import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { type ErrorCode, failureOf } from '../errors.ts';

/**
 * Answers what is not even an HTTP request, or one that does not arrive in time, in the form of all failures.
 * The error itself is not logged: it carries the bytes that came, tokens included.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  logger: FastifyBaseLogger,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = codes.get(error.code) ?? 'invalid_request';
  const { status, message } = failureOf(code);
  const requestId = randomUUID();
  const sentence = code === 'invalid_request' ? 'This is not a valid HTTP request.' : message;
  const body = JSON.stringify({ error: sentence, code, requestId });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  logger.info({ requestId, code, status }, 'connection closed: no HTTP request');
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon(); // without waiting for the other side, which may never end
}

const codes: ReadonlyMap<string | undefined, ErrorCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
]);
