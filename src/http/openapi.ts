/** The reference of the API as an OpenAPI 3.1 document, derived from the operations. */
import { addressOf, isForPartners, type Method, methodsOf, type Operation } from '../operation.ts';
import { components } from './openapi-components.ts';
import { parametersOf, requestBodyOf } from './openapi-input.ts';
import { ownPaths } from './openapi-own-paths.ts';
import { type Json, responsesOf } from './openapi-responses.ts';

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

Z-API's operations ignore fields that they do not know; extensions refuse them, so that a slip in a name is no other request. Texts are taken for numbers and booleans, numbers for texts, one value and a text with a list in JSON for a list, and the words of a field that takes one of a few in upper and lower case.`;

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
  const { name, section, summary, description, isExtension } = operation;
  const isMain = method === operation.method;
  const takesBody = method === 'POST' || method === 'PUT';
  const body = takesBody ? requestBodyOf(operation) : undefined;
  const descriptions = [description, isExtension && extensionNote].filter(Boolean);
  return {
    operationId: isMain ? name : `${name}-${method.toLowerCase()}`,
    tags: [section],
    summary,
    ...(descriptions.length > 0 && { description: descriptions.join('\n\n') }),
    ...(isExtension && { 'x-pombo-extension': true }),
    security: isForPartners(operation) ? [{ partnerToken: [] }] : [{ clientToken: [] }, {}],
    parameters: parametersOf(operation, { takesBody }),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation),
  };
}

const extensionNote = 'An extension of Pombo: Z-API has no such operation.';
