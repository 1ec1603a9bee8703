import type { HTTPMethods, RouteOptions } from 'fastify';
import { GatewayError } from '../errors.ts';

const allMethods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The routes for the methods that a known path does not take: OPTIONS tells which ones it takes, the others are
 * refused with `method_not_allowed`; both carry `Allow`.
 */
export function otherMethods(routes: readonly RouteOptions[]): RouteOptions[] {
  return [...Map.groupBy(routes, ({ url }) => url)].flatMap(([url, sameUrl]) => {
    const taken = sameUrl.flatMap(({ method }) => method) as HTTPMethods[];
    const allow = [...new Set([...taken, 'OPTIONS'])].join(', ');
    const config = sameUrl[0]?.config; // so that the refusal has the form of the operation's failures
    return [
      {
        method: 'OPTIONS',
        url,
        handler: async (_request, reply) => reply.code(204).header('allow', allow).send(),
      },
      {
        method: allMethods.filter((method) => method !== 'OPTIONS' && !taken.includes(method)),
        url,
        config,
        onRequest: async (_request, reply) => {
          reply.header('allow', allow);
          throw new GatewayError('method_not_allowed');
        },
        handler: () => undefined, // never reached
      },
    ] satisfies RouteOptions[];
  });
}
