import type { RouteOptions } from 'fastify';
import type { Operation } from '../operation.ts';
import { openApi } from './openapi.ts';
import type { Services } from './services.ts';

/** What the server offers besides the operations: its health, whether it is ready, and its reference. */
export function ownRoutes(operations: readonly Operation[], services: Services): RouteOptions[] {
  const { isReady, version } = services;
  const reference = openApi(operations, { version });
  return [
    {
      method: ['GET', 'HEAD'],
      url: '/health',
      handler: async () => ({ healthy: true, version }),
    },
    {
      method: ['GET', 'HEAD'],
      url: '/ready',
      handler: async (_request, reply) => {
        const ready = await isReady();
        return reply.code(ready ? 200 : 503).send({ ready });
      },
    },
    {
      method: ['GET', 'HEAD'],
      url: '/openapi.json',
      handler: async () => reference,
    },
  ];
}
