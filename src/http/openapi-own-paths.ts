import type { Json } from './openapi-responses.ts';

/** The paths that are no operations, see `ownRoutes`. */
export const ownPaths: Json = {
  '/health': {
    get: {
      operationId: 'health',
      tags: ['server'],
      summary: 'Tell that the process runs.',
      security: [],
      responses: {
        200: ownResponse('It runs.', {
          healthy: { const: true, description: 'Always true.', examples: [true] },
          version: { type: 'string', description: 'The version of the server.', examples: ['1.0.0'] },
        }),
      },
    },
  },
  '/ready': {
    get: {
      operationId: 'ready',
      tags: ['server'],
      summary: 'Tell whether requests can be served.',
      security: [],
      responses: {
        200: ownResponse('They can.', readiness(true)),
        503: ownResponse('Not yet, or no longer.', readiness(false)),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['server'],
      summary: 'Read this document.',
      security: [],
      responses: {
        200: ownResponse('The reference.', {
          openapi: { const: '3.1.0', description: 'The version of OpenAPI.', examples: ['3.1.0'] },
        }),
      },
    },
  },
};

/** An answer of the server's own: an object with these members, and the example that theirs make together. */
function ownResponse(
  description: string,
  properties: Readonly<Record<string, Json & { readonly examples: readonly unknown[] }>>,
): Json {
  const example = Object.fromEntries(
    Object.entries(properties).map(([name, { examples }]) => [name, examples[0]]),
  );
  const schema = { type: 'object', properties, required: Object.keys(properties) };
  return { description, content: { 'application/json': { schema, example } } };
}

function readiness(ready: boolean) {
  return { ready: { const: ready, description: 'Whether requests can be served.', examples: [ready] } };
}
