import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../errors.ts';

/** Smaller bodies are always taken. */
const smallBytes = 64 * 1024;

/**
 * Has large bodies taken only while all that are being worked on have at most `totalBytes` together: what came of each
 * stays in memory until its operation is over, even when the client has gone away.
 *
 * Errors: `overloaded`, before anything of the body is read.
 */
export function limitLargeBodies(
  app: FastifyInstance,
  { totalBytes, bodyBytes }: { readonly totalBytes: number; readonly bodyBytes: number },
): void {
  let heldBytes = 0;
  const held = new WeakMap<FastifyRequest, number>();

  app.addHook('preParsing', async (request) => {
    const { headers } = request;
    // Without a length, as much may come as a body may have.
    const sizeBytes = headers['transfer-encoding'] ? bodyBytes : Number(headers['content-length'] ?? 0);
    if (sizeBytes <= smallBytes || sizeBytes > bodyBytes) return; // too large a body is refused without being read
    if (heldBytes + sizeBytes > totalBytes) throw new GatewayError('overloaded', { retryAfterSeconds: 2 });
    heldBytes += sizeBytes;
    held.set(request, sizeBytes);
  });
  app.addHook('onSend', async (request) => {
    heldBytes -= held.get(request) ?? 0;
    held.delete(request); // an answer that fails to be sent is followed by another
  });
}
