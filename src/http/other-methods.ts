import type { HTTPMethods, RouteOptions } from 'fastify';
import { GatewayError } from '../errors.ts';
import { denialOf } from './failure.ts';

const allMethods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The routes for the methods that a known path does not take: OPTIONS tells which ones it takes, the others are
 * refused with `method_not_allowed`; both carry `Allow`.
 */
export function otherMethods(routes: readonly RouteOptions[]): RouteOptions[] {
  return [...Map.groupBy(routes, ({ url }) => url)].flatMap(([url, sameUrl]) => {
    const taken = sameUrl.flatMap(({ method }) => method) as HTTPMethods[];
    const allow = [...new Set([...taken, 'OPTIONS'])].join(', ');
    // So that the refusal has the form of an operation's failures: of one that has a form of its own, if any has.
    const isFormed = ({ config }: RouteOptions) => config?.operation && denialOf(config.operation);
    const { config } = sameUrl.find(isFormed) ?? sameUrl[0] ?? {};
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
