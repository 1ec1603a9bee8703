import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import type { InstanceId } from '../ids.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Known once the caller has shown the instance's token. */
    instanceId: InstanceId | undefined;
    /** What was answered instead of a success. */
    failureCode: ErrorCode | undefined;
  }
}

/**
 * Writes one line for a request when it is over: what was asked, for which instance, and how it ended. Nothing that
 * could hold a secret is written: no headers, no query, no bodies, and of the path only `words`, those of our routes.
 */
export function logAtEnd(request: FastifyRequest, reply: FastifyReply, words: ReadonlySet<string>): void {
  reply.raw.once('close', () => {
    const isAnswered = reply.raw.writableFinished;
    const line = {
      method: request.method,
      path: wordsOfPath(request.url, words),
      operation: request.routeOptions.config.operation?.name,
      instanceId: request.instanceId,
      status: isAnswered ? reply.statusCode : undefined,
      code: request.failureCode,
      durationMs: Math.round(reply.elapsedTime),
    };
    request.log.info(line, isAnswered ? 'request answered' : 'client went away before the answer');
  });
}

/** The words that make up the paths of routes. */
export const wordsOfRoutes = (routes: readonly { readonly url: string }[]): ReadonlySet<string> =>
  new Set(routes.flatMap(({ url }) => url.split('/')).filter((segment) => !segment.startsWith(':')));

/**
 * The path of a URL with everything but these words replaced, so that tokens and phone numbers do not get into the
 * log, not even from an address that was typed wrongly.
 */
export function wordsOfPath(url: string, words: ReadonlySet<string>): string {
  const [path = ''] = url.split('?', 1);
  return path
    .split('/')
    .map((segment) => (words.has(segment) ? segment : '***'))
    .join('/');
}
