import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { GatewayError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { pictureBodyBytes } from './body-limits.ts';
import { answerClientError } from './client-error.ts';
import { failureAnswer } from './failure.ts';
import { gatewayErrorFrom } from './framework-error.ts';
import { IdempotentRuns } from './idempotent-runs.ts';
import { operationRoute } from './operation-route.ts';
import { otherMethods } from './other-methods.ts';
import { ownRoutes } from './own-routes.ts';
import { preferredHandling } from './preferred-handling.ts';
import { readBodies } from './request-bodies.ts';
import { requestIdOf } from './request-id.ts';
import { logAtEnd, wordsOfRoutes } from './request-log.ts';
import type { Services } from './services.ts';

export interface HttpOptions {
  readonly operations: readonly Operation[];
  readonly services: Services;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: FastifyBaseLogger;
  /** The largest body, see `pictureBodyBytes`; where no picture is taken, `plainBodyBytes` if that is less. */
  readonly bodyBytes?: number;
  /** How much the large bodies of all requests in flight may have together; one more is told to come back. */
  readonly totalBodyBytes?: number;
  /** How long a request may take to arrive, body included. By default what a picture needs over a slow line. */
  readonly arrivalMs?: number;
  /** How long nothing of a body may come. */
  readonly silenceMs?: number;
  /** How long requests in flight may take to finish once the server is told to stop. */
  readonly graceMs: number;
}

export interface HttpServer extends AsyncDisposable {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
}

/**
 * Serves the operations over HTTP, and beside them `/health`, `/ready` and `/openapi.json`.
 *
 * Disposing stops accepting and lets requests in flight finish. Those that take longer than `graceMs` are answered with
 * `shutting_down`, and so is what still arrives on open connections.
 * Errors: those of listening (`EADDRINUSE`, `EACCES`).
 */
export async function startHttp({
  operations,
  services,
  host,
  port,
  logger,
  bodyBytes = pictureBodyBytes,
  totalBodyBytes = 256 * 1024 * 1024,
  arrivalMs = 300_000,
  silenceMs = 30_000,
  graceMs,
}: HttpOptions): Promise<HttpServer> {
  const answerFailure = async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const failure = gatewayErrorFrom(error);
    const answer = failureAnswer(failure, {
      operation: request.routeOptions.config.operation,
      handling: preferredHandling(request.headers.prefer) ?? services.handling,
      requestId: request.id,
    });
    request.failureCode = failure.code;
    const level = failure.code === 'internal' || failure.code === 'storage_failed' ? 'error' : 'info';
    if (failure.cause) request.log[level]({ code: failure.code, err: failure.cause }, 'request failed');
    // Fastify would close a connection whose body it did not read, and a client that is still sending would get a
    // reset instead of the answer. Without that Node reads the rest and drops it.
    reply.removeHeader('connection');
    if (failure.code === 'request_timeout') reply.header('connection', 'close');
    else if ((isStopping || !reply.raw.shouldKeepAlive) && !isWaiting(request))
      await drain(request.raw, isStopping ? lastDrainMs : longestDrainMs);
    await reply
      .header(requestIdHeader, request.id)
      .headers(answer.headers)
      .code(answer.status)
      .send(answer.body);
  };

  let isStopping = false;
  const cutOff = new AbortController();
  const runs = new IdempotentRuns({
    kept: services.idempotentRequests,
    now: services.now,
    onUnkept: (err) => logger.error({ err }, 'the answer for an Idempotency-Key could not be kept'),
  });
  const routes = [
    ...operations.map((operation) => operationRoute(operation, { services, runs, cutOff: cutOff.signal })),
    ...ownRoutes(operations, { ...services, isReady: async () => !isStopping && services.isReady() }),
  ];
  const words = wordsOfRoutes(routes);

  const app = fastify({
    bodyLimit: bodyBytes,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, logger),
    exposeHeadRoutes: false, // a HEAD must neither pair a phone nor unlink it
    frameworkErrors: answerFailure,
    genReqId: requestIdOf,
    http: {
      connectionsCheckingInterval: arrivalMs / 10,
      headersTimeout: Math.min(arrivalMs, 60_000),
      requireHostHeader: false, // Node would refuse it without a word; it is refused below
    },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    loggerInstance: logger,
    requestTimeout: arrivalMs,
    return503OnClosing: false,
    routerOptions: { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, maxParamLength: 16_384 },
  });
  app.decorateRequest('failureCode', undefined);
  app.decorateRequest('instanceId', undefined);
  app.setErrorHandler(answerFailure);
  app.addHook('onRequest', async (request, reply) => {
    logAtEnd(request, reply, words);
    reply.header(requestIdHeader, request.id);
    // Before the body is looked at: an unknown path is unknown, whatever is sent to it.
    if (request.is404) throw notFound();
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) throw withoutHost();
    if (isStopping && request.routeOptions.config.operation) throw shuttingDown();
  });
  readBodies(app, { totalBytes: totalBodyBytes, silenceMs, cutOff: cutOff.signal });
  app.addHook('onSend', async (_request, reply) => {
    // Node waits for connections that stay open, and a client keeps its own open unless it is told.
    if (isStopping) reply.header('connection', 'close');
  });

  for (const route of [...routes, ...otherMethods(routes)]) app.route(route);

  const url = await app.listen({ host, port });
  return {
    url,
    async [Symbol.asyncDispose]() {
      isStopping = true;
      const timers = [
        setTimeout(() => cutOff.abort(shuttingDown(cutOffMessage)), graceMs),
        setTimeout(() => app.server.closeAllConnections(), graceMs + lastAnswersMs),
      ];
      await app.close();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const requestIdHeader = 'x-request-id';

const notFound = () =>
  new GatewayError('not_found', { details: { message: 'Unable to find matching target resource method' } });

/** RFC 9112, section 3.2, wants this to be refused. */
const withoutHost = () =>
  new GatewayError('invalid_request', { message: 'The request has no Host header, and HTTP/1.1 wants one.' });

const shuttingDown = (message?: string) =>
  new GatewayError('shutting_down', { retryAfterSeconds: 5, ...(message !== undefined && { message }) });

const cutOffMessage =
  'This server stopped before the request was over, so what it asks for may have been done or not.';

/** How long the last answers may take to reach their callers, and what is left of their bodies to come before. */
const lastAnswersMs = 500;
const lastDrainMs = 200;

/** Whether the client sends the body only when it is told to. */
const isWaiting = ({ headers }: FastifyRequest): boolean => headers.expect !== undefined;

const longestDrainMs = 30_000;

/** Reads what is still to come of a body that nobody wants: a connection that closes before is a reset. */
async function drain(request: IncomingMessage, patienceMs: number): Promise<void> {
  if (request.complete) return;
  const signal = AbortSignal.timeout(patienceMs);
  await finished(request.resume(), { signal }).catch(() => {}); // whoever went away gets no answer anyhow
}
