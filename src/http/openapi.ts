/** The reference of the API as an OpenAPI 3.1 document, derived from the operations. */
import type { TSchema } from 'typebox';
import { addressOf, type Method, methodsOf, type Operation, photoFile } from '../operation.ts';
import {
  answersInside200,
  exampleRequestId,
  failureSchema,
  type Json,
  responsesOf,
} from './openapi-responses.ts';

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

What Z-API does not have is ours: it is marked with \`x-pombo-extension\`, and what WhatsApp refuses there has the status of the error in any case.

Answers with 429 or 503 say in \`Retry-After\` how many seconds to wait, where that is known. Operations that take an \`Idempotency-Key\` are carried out once for all requests with the same key and input: for 24 hours these get the first answer, with \`Idempotency-Replayed: true\`. What may pass by itself (a status of 500 or more, 429, no connection, a URL that cannot be fetched) is not kept: the next request tries again.

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
  const { name, section, summary, description, kind, isExtension } = operation;
  const isMain = method === operation.method;
  const takesBody = method === 'POST' || method === 'PUT';
  const body = takesBody ? requestBody(operation) : undefined;
  const descriptions = [description, isExtension && extensionNote].filter(Boolean);
  return {
    operationId: isMain ? name : `${name}-${method.toLowerCase()}`,
    tags: [section],
    summary,
    ...(descriptions.length > 0 && { description: descriptions.join('\n\n') }),
    ...(isExtension && { 'x-pombo-extension': true }),
    security: kind === 'partner' ? [{ partnerToken: [] }] : [{ clientToken: [] }, {}],
    parameters: parametersOf(operation, { takesBody }),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation),
  };
}

const extensionNote = 'An extension of Pombo: Z-API has no such operation.';

interface Field {
  readonly name: string;
  readonly schema: Json;
  readonly isRequired: boolean;
  readonly isInPath: boolean;
  readonly isUpload: boolean;
  readonly example: unknown;
}

function fieldsOf(operation: Operation): Field[] {
  const { properties, required = [] }: { properties: Record<string, TSchema>; required?: readonly string[] } =
    operation.input;
  const aliases: Readonly<Record<string, readonly string[] | undefined>> = operation.aliases ?? {};
  const example = operation.example.input as Json;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema: withAliases(schema as Json, aliases[name]),
    isRequired: required.includes(name) && !('default' in schema),
    isInPath: operation.path.includes(`{${name}}`),
    isUpload: name === operation.upload,
    example: example[name] ?? (schema as { readonly examples?: readonly unknown[] }).examples?.[0],
  }));
}

function withAliases(schema: Json, aliases: readonly string[] | undefined): Json {
  if (!aliases) return schema;
  const names = aliases.map((alias) => `\`${alias}\``).join(' or ');
  return { ...schema, description: `${schema.description ?? ''} Also read from ${names}.`.trim() };
}

function parametersOf(operation: Operation, { takesBody }: { readonly takesBody: boolean }): Json[] {
  const headers = [
    ...(answersInside200(operation) ? ['Prefer'] : []),
    ...(operation.takesIdempotencyKey ? ['IdempotencyKey'] : []),
    ...(operation.output === photoFile ? ['IfNoneMatch'] : []),
  ];
  const fields = fieldsOf(operation);
  const inQuery = fields.filter(({ isInPath, isUpload }) => !isInPath && !isUpload);
  return [
    ...(operation.kind === 'partner' ? [] : ['InstanceId', 'Token']).map(parameterReference),
    ...fields
      .filter(({ isInPath }) => isInPath)
      .map((field) => ({ ...parameter(field), in: 'path', required: true })),
    ...(takesBody ? [] : inQuery.map((field) => ({ ...parameter(field), required: field.isRequired }))),
    ...(takesBody && operation.upload ? inQuery.map(besideRawBody) : []),
    ...headers.map(parameterReference),
  ];
}

const parameter = ({ name, schema, example }: Field): Json => ({
  name,
  in: 'query',
  ...(schema.description !== undefined && { description: schema.description }),
  schema,
  ...(example !== undefined && { example }),
});

/** A field as a parameter for requests whose body is the picture itself. */
const besideRawBody = (field: Field): Json => ({
  ...parameter(field),
  required: false,
  description: `For when the body is the picture itself. ${field.schema.description ?? ''}`.trim(),
});

const parameterReference = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });

function requestBody(operation: Operation): Json | undefined {
  const fields = fieldsOf(operation).filter(({ isInPath }) => !isInPath);
  if (fields.length === 0) return undefined;
  const upload = fields.find(({ isUpload }) => isUpload);
  return {
    required: fields.some(({ isRequired }) => isRequired),
    content: {
      'application/json': objectOf(fields, operation.example.input as Json),
      ...(upload && {
        'multipart/form-data': formOf(fields, operation.example.input as Json),
        'image/*': { schema: file(upload), example: exampleFile },
        'application/octet-stream': { schema: file(upload), example: exampleFile },
      }),
    },
  };
}

/** Fields as the members of an object, with as many in the example as `example` has. */
function objectOf(fields: readonly Field[], example: Json): Json {
  const named = fields.filter(({ name }) => example[name] !== undefined);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
      required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    },
    example: Object.fromEntries(named.map(({ name }) => [name, example[name]])),
  };
}

/** The same fields as the parts of a form, in which the picture may be a file. */
function formOf(fields: readonly Field[], example: Json): Json {
  const parts = fields.map((field) => (field.isUpload ? { ...field, schema: file(field) } : field));
  const files = fields.filter(({ isUpload }) => isUpload).map(({ name }) => [name, exampleFile]);
  return objectOf(parts, { ...example, ...Object.fromEntries(files) });
}

const file = ({ schema }: Field): Json => ({
  type: 'string',
  format: 'binary',
  description: `The bytes of the picture. ${schema.description ?? ''}`.trim(),
  examples: [exampleFile],
});

const exampleFile = '(the bytes of the picture)';

const exampleETag = '"1785585600"';

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
      example: 'handling=strict',
    },
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Has the request carried out once, however often it is sent: for 24 hours the same key with the same input gets the first answer again, while the first is still under way, too. The same key with another input is refused (`idempotency_key_reused`). 1 to 255 visible ASCII characters, such as a new UUID for each request.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
    },
    IfNoneMatch: {
      name: 'If-None-Match',
      in: 'header',
      required: false,
      description:
        'The `ETag` of the photo that the caller has. When it is this one, the answer is 304, without the bytes.',
      schema: { type: 'string' },
      example: exampleETag,
    },
  },
  headers: {
    RequestId: {
      description: 'The id of the request: its own `x-request-id`, or one that was made for it.',
      schema: { type: 'string' },
      example: exampleRequestId,
    },
    RetryAfter: {
      description: 'Seconds to wait before trying again, where that is known.',
      schema: { type: 'integer' },
      example: 5,
    },
    Allow: {
      description: 'The methods that this path takes.',
      schema: { type: 'string' },
      example: 'POST, PUT, OPTIONS',
    },
    WWWAuthenticate: {
      description: 'How to say who is calling.',
      schema: { type: 'string' },
      example: 'Bearer',
    },
    ETag: {
      description: 'The id of the photo, in double quotes.',
      schema: { type: 'string' },
      example: exampleETag,
    },
    PreferenceApplied: {
      description: 'Set when the request had a `Prefer`: how it was answered.',
      schema: { type: 'string', enum: ['handling=strict', 'handling=lenient'] },
      example: 'handling=strict',
    },
    IdempotencyReplayed: {
      description: 'Set when this is the answer to an earlier request with the same `Idempotency-Key`.',
      schema: { type: 'string', const: 'true' },
      example: 'true',
    },
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
