/** The answers of an operation as the reference tells them: the success, and every failure by its status. */
import { type ErrorCode, failureOf } from '../errors.ts';
import { errorsOf, type Operation, photoFile, plainOk } from '../operation.ts';
import { plainBodyBytes } from './body-limits.ts';
import { canAnswerInside200, denialOf } from './failure.ts';

export type Json = { readonly [name: string]: unknown };

export const exampleRequestId = '7f1c2b0e-5d7a-4c53-9a55-0e6f3f1f2a10';

/** The body of every failure, for the document's components. */
export const failureSchema: Json = {
  type: 'object',
  properties: {
    error: {
      type: 'string',
      description: 'What went wrong, as a sentence.',
      examples: [failureOf('internal').message],
    },
    code: { type: 'string', description: 'What went wrong, for programs.', examples: ['internal'] },
    requestId: {
      type: 'string',
      description: 'Finds the request in the log.',
      examples: [exampleRequestId],
    },
    fields: {
      type: 'array',
      items: { type: 'string' },
      description: 'With `invalid_request`: the fields that are missing or wrong, or the header.',
      examples: [['groupId']],
    },
    limitBytes: {
      type: 'integer',
      description: 'With `body_too_large`: how much may be sent. Where a picture is taken, it is more.',
      examples: [plainBodyBytes],
    },
    whatsappCode: {
      type: 'integer',
      description: 'Where WhatsApp refused: its own code, if it gave one.',
      examples: [406],
    },
    whatsappText: {
      type: 'string',
      description: 'Where WhatsApp refused: its own words.',
      examples: ['not-acceptable'],
    },
  },
  required: ['error', 'code', 'requestId'],
};

/** The refusals that an operation answers inside a 200 with lenient handling. */
const refusalsInside200 = (operation: Operation): ErrorCode[] =>
  canAnswerInside200(operation)
    ? errorsOf(operation).filter((code) => failureOf(code).kind === 'refusal')
    : [];

/** Whether how refusals are answered is up to the caller. */
export const answersInside200 = (operation: Operation): boolean => refusalsInside200(operation).length > 0;

/** The OpenAPI responses of an operation, by status. */
export function responsesOf(operation: Operation): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(operation)) {
    for (const status of statusesOf(code)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const failures = [...byStatus].map(([status, codes]) => [
    status,
    failureResponse(operation, status, codes),
  ]);
  const successes =
    operation.output === photoFile
      ? photoResponses
      : { [operation.successStatus ?? 200]: successResponse(operation) };
  return { ...successes, ...Object.fromEntries(failures) };
}

const preferenceApplied: Json = { 'Preference-Applied': { $ref: '#/components/headers/PreferenceApplied' } };

const photoHeaders: Json = {
  ...preferenceApplied,
  ETag: { $ref: '#/components/headers/ETag' },
  'Cache-Control': { $ref: '#/components/headers/PhotoCacheControl' },
  'X-Content-Type-Options': { $ref: '#/components/headers/ContentTypeOptions' },
};

const photoResponses: Json = {
  200: {
    ...response('The photo.', photoHeaders),
    content: {
      'image/jpeg': {
        schema: { ...photoFile, description: 'The bytes of the JPEG.' },
        examples: { success: { summary: 'The photo', value: '(the bytes of the JPEG)' } },
      },
    },
  },
  304: response('The caller has this photo already: `If-None-Match` names its `ETag`.', photoHeaders),
};

function statusesOf(code: ErrorCode): number[] {
  const { status, statusWhenRetryable } = failureOf(code);
  return statusWhenRetryable === undefined ? [status] : [status, statusWhenRetryable];
}

function successResponse(operation: Operation): Json {
  if (operation.output === plainOk) {
    return {
      ...response('Done.', headersOf(operation)),
      content: { 'text/plain': { schema: plainOk, example: operation.example.output } },
    };
  }
  const refusals = refusalsInside200(operation);
  const success = { summary: 'Done', value: operation.example.output };
  const headers = headersOf(operation);
  if (refusals.length === 0) {
    const what = operation.successStatus === 202 ? 'It was begun, and goes on.' : 'Done.';
    return jsonResponse(what, headers, { schema: operation.output, examples: { success } });
  }
  return jsonResponse(
    `Done; or, unless strict handling is asked for, WhatsApp said no:\n\n${listOf(refusals)}`,
    headers,
    {
      schema: { anyOf: [operation.output, failureBody(operation, refusals)] },
      examples: { success, ...examplesOf(operation, refusals) },
    },
  );
}

function failureResponse(operation: Operation, status: number, codes: readonly ErrorCode[]): Json {
  const isOnlyStrict = codes.every((code) => refusalsInside200(operation).includes(code));
  const headers = {
    ...(status === 405
      ? { Allow: { $ref: '#/components/headers/Allow' } } // it is not the operation that answers
      : headersOf(operation)),
    ...(status === 401 && { 'WWW-Authenticate': { $ref: '#/components/headers/WWWAuthenticate' } }),
    ...([429, 503].includes(status) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
  };
  return jsonResponse(`${isOnlyStrict ? 'With strict handling:\n\n' : ''}${listOf(codes)}`, headers, {
    schema: failureSchemaOf(operation, codes),
    examples: examplesOf(operation, codes),
  });
}

/** Objects, and the bare sentences that stand in their place. */
function failureSchemaOf(operation: Operation, codes: readonly ErrorCode[]): Json {
  const [bare, others] = [true, false].map((isBare) =>
    codes.filter((code) => (operation.bareErrors?.includes(code) ?? false) === isBare),
  ) as [ErrorCode[], ErrorCode[]];
  if (bare.length === 0) return failureBody(operation, codes);
  const sentences = { type: 'string', enum: bare.map((code) => failureOf(code).message) };
  return others.length === 0 ? sentences : { anyOf: [failureBody(operation, others), sentences] };
}

/** The headers of all answers in JSON: any of them may be that to an earlier request with the same key. */
const headersOf = (operation: Operation): Json => ({
  'Cache-Control': { $ref: '#/components/headers/CacheControl' },
  ...preferenceApplied,
  ...(operation.takesIdempotencyKey && {
    'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' },
  }),
});

const jsonResponse = (description: string, headers: Json, content: Json): Json => ({
  ...response(description, headers),
  content: { 'application/json': content },
});

function response(description: string, headers: Json): Json {
  return { description, headers: { 'x-request-id': { $ref: '#/components/headers/RequestId' }, ...headers } };
}

const listOf = (codes: readonly ErrorCode[]): string =>
  codes.map((code) => `- \`${code}\`: ${failureOf(code).message}`).join('\n');

function failureBody(operation: Operation, codes: readonly ErrorCode[]): Json {
  const denial = Object.keys(denialOf(operation) ?? {});
  return {
    allOf: [
      { $ref: '#/components/schemas/Failure' },
      {
        type: 'object',
        properties: {
          code: { enum: codes },
          ...Object.fromEntries(
            denial.map((name) => [name, { const: false, description: 'It was not done.' }]),
          ),
        },
        required: denial,
      },
    ],
  };
}

function examplesOf(operation: Operation, codes: readonly ErrorCode[]): Json {
  return Object.fromEntries(
    codes.map((code) => {
      const { message } = failureOf(code);
      const value = operation.bareErrors?.includes(code)
        ? message
        : { error: message, code, requestId: exampleRequestId, ...denialOf(operation) };
      return [code, { summary: message, value }];
    }),
  );
}
