import type { FastifyRequest, RouteOptions } from 'fastify';
import { addressOf, type InstanceContext, methodsOf, type Operation } from '../operation.ts';
import { checkClientToken, checkPartnerToken, findInstance } from './authentication.ts';
import { clientSignal } from './client-signal.ts';
import { inputReader, type RequestParts } from './input.ts';
import { preferredHandling } from './preferred-handling.ts';
import type { LiveInstance, Services } from './services.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation that a route belongs to. */
    readonly operation?: Operation;
  }
}

/** The route of an operation. Callers are checked before the body is read, the input before the connection. */
export function operationRoute(operation: Operation, services: Services): RouteOptions {
  const readInput = inputReader(operation);
  const instances = new WeakMap<FastifyRequest, LiveInstance>();

  return {
    method: methodsOf(operation),
    url: addressOf(operation).replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { operation },

    async onRequest(request, reply) {
      reply.header('cache-control', 'no-store');
      const handling = preferredHandling(request.headers.prefer);
      if (handling) reply.header('preference-applied', `handling=${handling}`);
      if (operation.kind === 'partner') {
        checkPartnerToken(services.account, request.headers.authorization);
        return;
      }
      checkClientToken(services.account, request.headers['client-token']?.toString());
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
      const found = instances.get(request);
      return run(operation, input, { services, found, signal: () => clientSignal(reply.raw) });
    },
  };
}

async function run(
  operation: Operation,
  input: unknown,
  {
    services,
    found,
    signal,
  }: {
    readonly services: Services;
    readonly found: LiveInstance | undefined;
    /** Gives a signal that aborts when nobody waits for the answer any more. */
    readonly signal: () => AbortSignal;
  },
): Promise<unknown> {
  const { createInstance, readPicture, renderGroupPhoto } = services;
  if (operation.kind === 'partner') return operation.handle(input, { createInstance });
  if (!found) throw new Error('A call on an instance got past authentication without one.');
  const context: InstanceContext = {
    ...found,
    readPicture: (source) => readPicture(source, { signal: signal() }),
    renderGroupPhoto,
  };
  if (operation.kind === 'instance') return operation.handle(input, context);
  return operation.handle(input, { ...context, whatsapp: await found.session.connected() });
}
