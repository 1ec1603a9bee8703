import type { FastifyRequest, RouteOptions } from 'fastify';
import { addressOf, methodsOf, type Operation } from '../operation.ts';
import { checkClientToken, checkPartnerToken, findInstance } from './authentication.ts';
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

    async handler(request) {
      const input = readInput({
        path: request.params as RequestParts['path'],
        query: request.query as RequestParts['query'],
        body: request.body,
      });
      return run(operation, input, services, instances.get(request));
    },
  };
}

async function run(
  operation: Operation,
  input: unknown,
  services: Services,
  found: LiveInstance | undefined,
): Promise<unknown> {
  const { createInstance, readPicture, renderGroupPhoto } = services;
  if (operation.kind === 'partner') return operation.handle(input, { createInstance });
  if (!found) throw new Error('A call on an instance got past authentication without one.');
  if (operation.kind === 'instance') return operation.handle(input, found);
  const whatsapp = await found.session.connected();
  const { photoTurns } = found.session;
  return operation.handle(input, { ...found, whatsapp, photoTurns, readPicture, renderGroupPhoto });
}
