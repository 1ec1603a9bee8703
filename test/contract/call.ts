import assert from 'node:assert/strict';
import { denialOf } from '../../src/http/failure.ts';
import { responsesOf } from '../../src/http/openapi-responses.ts';
import { addressOf, errorsOf, isForPartners, type Operation } from '../../src/operation.ts';

/** A running gateway, and what is needed to call it. */
export interface Target {
  readonly url: string;
  readonly clientToken: string;
  readonly partnerToken: string;
  readonly instanceId: string;
  readonly instanceToken: string;
}

/** What a call does differently from the operation's example, rightly authorised. */
export interface Difference {
  readonly method?: string;
  /** `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly instanceId?: string;
  readonly instanceToken?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Without members when the answer is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Calls an operation with its example input, and holds what is true of every answer: the reference tells of its
 * headers; and of every failure: it is declared, it carries the request id, and its body says no in the operation's own
 * way.
 */
export async function call(
  target: Target,
  operation: Operation,
  difference: Difference = {},
): Promise<Answer> {
  const method = difference.method ?? operation.method;
  const takesBody = method === 'POST' || method === 'PUT';
  const request = new Request(target.url + pathOf(target, operation, difference), {
    method,
    headers: given({
      'Client-Token': isForPartners(operation) ? undefined : target.clientToken,
      Authorization: isForPartners(operation) ? `Bearer ${target.partnerToken}` : undefined,
      'Content-Type': takesBody ? 'application/json' : undefined,
      ...difference.headers,
    }),
    body: difference.body ?? (takesBody ? JSON.stringify(operation.example.input) : null),
  });
  const response = await fetch(request);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : {},
  };
  assertHeaders(operation, answer);
  if ('code' in answer.body) assertFailure(operation, answer);
  return answer;
}

function pathOf(target: Target, operation: Operation, difference: Difference): string {
  const parameters: Readonly<Record<string, unknown>> = {
    ...(operation.example.input as object),
    instanceId: difference.instanceId ?? target.instanceId,
    token: difference.instanceToken ?? target.instanceToken,
  };
  return addressOf(operation).replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters[name])),
  );
}

const given = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** Those of HTTP itself, which every answer has. */
const ofHttp = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'];

function assertHeaders(operation: Operation, { status, headers }: Answer): void {
  const responses = responsesOf(operation) as Readonly<Record<number, { readonly headers: object }>>;
  const told = Object.keys(responses[status]?.headers ?? {}).map((name) => name.toLowerCase());
  for (const name of headers.keys()) {
    assert.ok(
      ofHttp.includes(name) || told.includes(name),
      `${operation.name} ${status} does not tell of ${name}`,
    );
  }
}

function assertFailure(operation: Operation, { headers, body }: Answer): void {
  const declared: readonly unknown[] = errorsOf(operation);
  assert.ok(declared.includes(body.code), `${operation.name} does not declare ${body.code}`);
  assert.equal(typeof body.error, 'string');
  assert.equal(body.requestId, headers.get('x-request-id'));
  for (const [name, no] of Object.entries(denialOf(operation) ?? {})) assert.equal(body[name], no);
}
