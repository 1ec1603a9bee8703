/** The reference of the API as an OpenAPI 3.1 document, derived from the operations. */
import type { TSchema } from 'typebox';
import { addressOf, type Method, methodsOf, type Operation } from '../operation.ts';
import { answersInside200, failureSchema, type Json, responsesOf } from './openapi-responses.ts';

/**
 * Describes the operations. The same operations always give the same document.
 *
 * `version` is the gateway's.
 */
export function openApi(operations: readonly Operation[], { version }: { readonly version: string }): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pombo',
      version,
      summary: "A WhatsApp gateway that you run yourself and that speaks Z-API's HTTP API.",
      description: introduction,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [...new Set(operations.map(({ section }) => section)), 'server'].map((name) => ({ name })),
    paths: { ...operationPaths(operations), ...ownPaths },
    components,
  };
}

const introduction = `Every failure is JSON: \`error\` is a sentence, \`code\` says what it is, \`requestId\` finds it in the log. Operations whose success is \`{"value": true}\` say \`"value": false\` beside it (\`success\` likewise).

Where a request could not be carried out, the status says so. Where WhatsApp said no (not an admin, no such group, picture refused), operations with a boolean success answer \`value: false\` inside a 200, as integrations expect. Send \`Prefer: handling=strict\` to get the status of the error instead; \`Prefer: handling=lenient\` asks for the 200 on a server that is strict by default.

Unknown fields are ignored. Texts are taken for numbers and booleans, numbers for texts, and one value for a list of one.`;

function operationPaths(operations: readonly Operation[]): Json {
  const paths = [...Map.groupBy(operations, addressOf)];
  return Object.fromEntries(paths.map(([address, sameAddress]) => [address, describePath(sameAddress)]));
}

function describePath(operations: readonly Operation[]): Json {
  const methods = operations.flatMap((operation) =>
    methodsOf(operation).map((method) => [method.toLowerCase(), describeOperation(operation, method)]),
  );
  return Object.fromEntries(methods);
}

function describeOperation(operation: Operation, method: Method): Json {
  const { name, section, summary, description, kind } = operation;
  const isMain = method === operation.method;
  const body = method === 'POST' || method === 'PUT' ? requestBody(operation) : undefined;
  return {
    operationId: isMain ? name : `${name}-${method.toLowerCase()}`,
    tags: [section],
    summary,
    ...(description && { description }),
    security: kind === 'partner' ? [{ partnerToken: [] }] : [{ clientToken: [] }, {}],
    parameters: parametersOf(operation, { withQuery: body === undefined }),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation),
  };
}

interface Field {
  readonly name: string;
  readonly schema: Json;
  readonly isRequired: boolean;
  readonly isInPath: boolean;
}

function fieldsOf(operation: Operation): Field[] {
  const { properties, required = [] }: { properties: Record<string, TSchema>; required?: readonly string[] } =
    operation.input;
  const aliases: Readonly<Record<string, readonly string[] | undefined>> = operation.aliases ?? {};
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema: withAliases(schema as Json, aliases[name]),
    isRequired: required.includes(name) && !('default' in schema),
    isInPath: operation.path.includes(`{${name}}`),
  }));
}

function withAliases(schema: Json, aliases: readonly string[] | undefined): Json {
  if (!aliases) return schema;
  const names = aliases.map((alias) => `\`${alias}\``).join(' or ');
  return { ...schema, description: `${schema.description ?? ''} Also read from ${names}.`.trim() };
}

function parametersOf(operation: Operation, { withQuery }: { withQuery: boolean }): Json[] {
  const ofInstance = operation.kind === 'partner' ? [] : ['InstanceId', 'Token'];
  const ofHandling = answersInside200(operation) ? ['Prefer'] : [];
  const example = operation.example.input as Json;
  return [
    ...ofInstance.map(parameterReference),
    ...fieldsOf(operation)
      .filter(({ isInPath }) => isInPath || withQuery)
      .map(({ name, schema, isRequired, isInPath }) => ({
        name,
        in: isInPath ? 'path' : 'query',
        required: isRequired || isInPath,
        ...(schema.description !== undefined && { description: schema.description }),
        schema,
        ...(example[name] !== undefined && { example: example[name] }),
      })),
    ...ofHandling.map(parameterReference),
  ];
}

const parameterReference = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });

function requestBody(operation: Operation): Json | undefined {
  const fields = fieldsOf(operation).filter(({ isInPath }) => !isInPath);
  if (fields.length === 0) return undefined;
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const example = operation.example.input as Json;
  const named = fields.filter(({ name }) => example[name] !== undefined);
  return {
    required: required.length > 0,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
          required,
        },
        example: Object.fromEntries(named.map(({ name }) => [name, example[name]])),
      },
    },
  };
}

const components: Json = {
  securitySchemes: {
    clientToken: {
      type: 'apiKey',
      in: 'header',
      name: 'Client-Token',
      description: 'The secret of the account, where it asks for one.',
    },
    partnerToken: {
      type: 'http',
      scheme: 'bearer',
      description: 'The secret of whoever creates instances.',
    },
  },
  parameters: {
    InstanceId: {
      name: 'instanceId',
      in: 'path',
      required: true,
      description: 'The id of the instance.',
      schema: { type: 'string' },
      example: '3D2A8F4B6C1E4F7A9B0C5D8E2F6A1B3C',
    },
    Token: {
      name: 'token',
      in: 'path',
      required: true,
      description: 'The secret of the instance.',
      schema: { type: 'string' },
      example: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
    },
    Prefer: {
      name: 'Prefer',
      in: 'header',
      required: false,
      description:
        'How to be told that WhatsApp said no: `value: false` inside a 200, or by the status. The answer repeats it as `Preference-Applied`.',
      schema: { type: 'string', enum: ['handling=strict', 'handling=lenient'] },
    },
  },
  headers: {
    RequestId: {
      description: 'The id of the request: its own `x-request-id`, or one that was made for it.',
      schema: { type: 'string' },
    },
    RetryAfter: { description: 'Seconds to wait before trying again.', schema: { type: 'integer' } },
    Allow: { description: 'The methods that this path takes.', schema: { type: 'string' } },
  },
  schemas: { Failure: failureSchema },
};

const ownPaths: Json = {
  '/health': {
    get: {
      operationId: 'health',
      tags: ['server'],
      summary: 'Tell that the process runs.',
      security: [],
      responses: {
        200: jsonResponse('It runs.', {
          type: 'object',
          properties: { healthy: { const: true }, version: { type: 'string' } },
          required: ['healthy', 'version'],
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
        200: jsonResponse('They can.', readiness(true)),
        503: jsonResponse('Not yet, or no longer.', readiness(false)),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['server'],
      summary: 'Read this document.',
      security: [],
      responses: { 200: jsonResponse('The reference.', { type: 'object' }) },
    },
  },
};

function jsonResponse(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } };
}

function readiness(ready: boolean): Json {
  return { type: 'object', properties: { ready: { const: ready } }, required: ['ready'] };
}
