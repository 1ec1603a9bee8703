import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { GatewayError } from '../errors.ts';
import type { InstanceId } from '../ids.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Known once the caller has shown the instance's token. */
    instanceId: InstanceId | undefined;
    /** What was answered instead of a success. */
    failure: GatewayError | undefined;
  }
}

/**
 * Writes one line for each request: what was asked, for which instance, and how it ended. Nothing that could hold a
 * secret is written: no headers, no query, no bodies, and of the path only the words.
 */
export class RequestLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'requestId' });
  }

  override incomingRequest(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const { instanceId, failure } = request;
    const line = {
      method: request.method,
      path: wordsOfPath(request.url),
      operation: request.routeOptions.config?.operation?.name,
      instanceId,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
      code: failure?.code,
      err: error ?? failure?.cause,
    };
    if (error || failure?.code === 'internal') request.log.error(line, 'request failed');
    else request.log.info(line, 'request answered');
  }

  override streamError(error: Error, request: FastifyRequest): void {
    request.log.warn({ err: error }, 'answer cut short');
  }

  override writeHeadError(error: Error, request: FastifyRequest): void {
    request.log.error({ err: error }, 'answer could not be written');
  }
}

/**
 * The path of a URL with everything but plain words replaced, so that tokens and phone numbers do not get into the
 * log, not even from an address that was typed wrongly.
 */
export function wordsOfPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  return path
    .split('/')
    .map((segment) => (/^[a-z.-]{0,30}$/i.test(segment) ? segment : '***'))
    .join('/');
}
