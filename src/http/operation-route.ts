import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { ShownPhoto } from '../group-photos.ts';
import {
  addressOf,
  type InstanceContext,
  isForPartners,
  methodsOf,
  type Operation,
  photoFile,
  plainOk,
} from '../operation.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { checkClientToken, checkPartnerToken, findInstance } from './authentication.ts';
import { clientSignal } from './client-signal.ts';
import { canAnswerInside200 } from './failure.ts';
import { fingerprintOf } from './fingerprint.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import type { IdempotentRuns } from './idempotent-runs.ts';
import { inputReader, type RequestParts } from './input.ts';
import { answerWithPhoto } from './photo-answer.ts';
import { preferredHandling } from './preferred-handling.ts';
import type { LiveInstance, Services } from './services.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation that a route belongs to. */
    readonly operation?: Operation;
  }
}

interface RouteParts {
  readonly services: Services;
  readonly runs: IdempotentRuns;
  /** Aborts when requests in flight have to be answered at once, with the reason as the failure. */
  readonly cutOff: AbortSignal;
}

/** The route of an operation. Callers are checked before the body is read, the input before the connection. */
export function operationRoute(operation: Operation, { services, runs, cutOff }: RouteParts): RouteOptions {
  const readInput = inputReader(operation);
  const instances = new WeakMap<FastifyRequest, LiveInstance>();

  return {
    method: methodsOf(operation),
    url: addressOf(operation).replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { operation },

    async onRequest(request, reply) {
      reply.header('cache-control', 'no-store');
      const handling = preferredHandling(request.headers.prefer);
      const isApplied = handling === 'strict' || canAnswerInside200(operation);
      if (handling && isApplied) reply.header('preference-applied', `handling=${handling}`);
      if (isForPartners(operation)) checkPartnerToken(services.account, request.headers.authorization);
      else checkClientToken(services.account, request.headers['client-token']?.toString());
      if (operation.kind === 'partner') return;
      const address = request.params as { readonly instanceId: string; readonly token: string };
      const found = await findInstance(services, address);
      instances.set(request, found);
      request.instanceId = found.instance.id;
    },

    async handler(request, reply) {
      const input = readInput({
        path: request.params as RequestParts['path'],
        query: request.query as RequestParts['query'],
        body: request.body,
      });
      const call = { operation, input, services, found: instances.get(request) };
      const { headersDistinct } = request.raw;
      const key = operation.takesIdempotencyKey && parseIdempotencyKey(headersDistinct['idempotency-key']);
      const work = () =>
        key ? runOnce(call, { key, runs, reply, cutOff }) : run(call, () => clientSignal(reply.raw, cutOff));
      const output = await unlessAborted(work, cutOff);
      reply.code(operation.successStatus ?? 200);
      if (operation.output === plainOk) return reply.type('text/plain').send(output);
      return operation.output === photoFile ? answerWithPhoto(output as ShownPhoto, reply) : output;
    },
  };
}

interface Call {
  readonly operation: Operation;
  readonly input: unknown;
  readonly services: Services;
  /** Not for partner operations. */
  readonly found: LiveInstance | undefined;
}

/** Does what is called for. `signal` gives one that aborts when nobody waits for the answer any more. */
async function run({ operation, input, services, found }: Call, signal: () => AbortSignal): Promise<unknown> {
  const { createInstance, listInstances, isProxyReachable, readPicture, renderGroupPhoto } = services;
  if (operation.kind === 'partner') return operation.handle(input, { createInstance, listInstances });
  if (!found) throw withoutInstance();
  const context: InstanceContext = {
    ...found,
    readPicture: (source) => readPicture(source, { signal: signal() }),
    renderGroupPhoto,
    isProxyReachable,
  };
  if (operation.kind === 'instance' || operation.kind === 'partner-instance')
    return operation.handle(input, context);
  return operation.handle(input, { ...context, whatsapp: await found.session.connected() });
}

/**
 * Does it once for all requests with this key. It goes on when the client goes away: the answer is kept for when it
 * asks again.
 */
async function runOnce(
  call: Call,
  {
    key,
    runs,
    reply,
    cutOff,
  }: Pick<RouteParts, 'runs' | 'cutOff'> & { readonly key: string; readonly reply: FastifyReply },
): Promise<unknown> {
  const { operation, input, found } = call;
  if (!found) throw withoutInstance();
  const fingerprint = await fingerprintOf([operation.name, input]);
  const place = { instance: found.instance.id, key };
  const answer = await runs.answer(place, fingerprint, () => run(call, () => cutOff));
  if (answer.isReplayed) reply.header('idempotency-replayed', 'true');
  if ('error' in answer) throw answer.error;
  return answer.output;
}

const withoutInstance = () => new Error('A call on an instance got past authentication without one.');
