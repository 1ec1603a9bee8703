/** The answers of an operation as the reference tells them: the success, and every failure by its status. */
import { type ErrorCode, failureOf } from '../errors.ts';
import { errorsOf, type Operation } from '../operation.ts';
import { denialOf } from './failure.ts';

export type Json = { readonly [name: string]: unknown };

/** The body of every failure, for the document's components. */
export const failureSchema: Json = {
  type: 'object',
  properties: {
    error: { type: 'string', description: 'What went wrong, as a sentence.' },
    code: { type: 'string', description: 'What went wrong, for programs.' },
    requestId: { type: 'string', description: 'Finds the request in the log.' },
  },
  required: ['error', 'code', 'requestId'],
};

/** The refusals that an operation answers inside a 200 with lenient handling. */
const refusalsInside200 = (operation: Operation): ErrorCode[] =>
  denialOf(operation) ? errorsOf(operation).filter((code) => failureOf(code).kind === 'refusal') : [];

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
  return { 200: successResponse(operation), ...Object.fromEntries(failures) };
}

function statusesOf(code: ErrorCode): number[] {
  const { status, statusWhenRetryable } = failureOf(code);
  return statusWhenRetryable === undefined ? [status] : [status, statusWhenRetryable];
}

function successResponse(operation: Operation): Json {
  const refusals = refusalsInside200(operation);
  const success = { summary: 'Done', value: operation.example.output };
  if (refusals.length === 0) {
    return response('Done.', {}, { schema: operation.output, examples: { success } });
  }
  return response(
    `Done; or, unless strict handling is asked for, WhatsApp said no:\n\n${listOf(refusals)}`,
    {},
    {
      schema: { anyOf: [operation.output, failureBody(operation, refusals)] },
      examples: { success, ...examplesOf(operation, refusals) },
    },
  );
}

function failureResponse(operation: Operation, status: number, codes: readonly ErrorCode[]): Json {
  const isOnlyStrict = codes.every((code) => refusalsInside200(operation).includes(code));
  const headers = {
    ...([429, 503].includes(status) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
    ...(status === 405 && { Allow: { $ref: '#/components/headers/Allow' } }),
  };
  return response(`${isOnlyStrict ? 'With strict handling:\n\n' : ''}${listOf(codes)}`, headers, {
    schema: failureBody(operation, codes),
    examples: examplesOf(operation, codes),
  });
}

const response = (description: string, headers: Json, content: Json): Json => ({
  description,
  headers: { 'x-request-id': { $ref: '#/components/headers/RequestId' }, ...headers },
  content: { 'application/json': content },
});

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
          ...Object.fromEntries(denial.map((name) => [name, { const: false }])),
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
      const value = { error: message, code, requestId: exampleRequestId, ...denialOf(operation) };
      return [code, { summary: message, value }];
    }),
  );
}

const exampleRequestId = '7f1c2b0e-5d7a-4c53-9a55-0e6f3f1f2a10';
