/** Holds what tests are answered against the reference: whatever comes back stands there. */
import assert from 'node:assert/strict';
import { Value } from 'typebox/value';
import { denialOf } from '../src/http/failure.ts';
import { openApi } from '../src/http/openapi.ts';
import { failureSchema } from '../src/http/openapi-responses.ts';
import { addressOf, methodsOf, type Operation, photoFile, plainOk } from '../src/operation.ts';
import * as list from '../src/operations/index.ts';

/** As far as it is looked at here. */
interface Reference {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
}

type Responses = Readonly<
  Record<
    string,
    {
      readonly headers: object;
      readonly content?: Readonly<Record<string, { readonly examples?: object }>>;
    }
  >
>;

const operations: readonly Operation[] = Object.values(list);
const reference = openApi(operations, { version: '1.0.0' }) as unknown as Reference;

/** Headers that mean something to the caller. */
const toldHeaders = [
  'allow',
  'etag',
  'idempotency-replayed',
  'preference-applied',
  'retry-after',
  'www-authenticate',
];

/**
 * Fails when an operation answers with a status, a failure, a header or a member that the reference does not tell of.
 * `body` is what the answer held as JSON; `undefined` when it was not read.
 */
export function assertDeclared(
  { method, url }: { readonly method: string; readonly url: string },
  { status, headers, body }: { readonly status: number; readonly headers: Headers; readonly body?: unknown },
): void {
  const { pathname } = new URL(url);
  const operation = operations.find(
    (candidate) => methodsOf(candidate).some((taken) => taken === method) && isAt(pathname, candidate),
  );
  if (!operation) return; // a path or method that nobody described
  const what = `${method} ${addressOf(operation)}: ${status} ${JSON.stringify(body)?.slice(0, 300)}`;
  const told = reference.paths[addressOf(operation)]?.[method.toLowerCase()]?.responses[status];
  assert.ok(told, what);
  const names = Object.keys(told.headers).map((name) => name.toLowerCase());
  for (const header of toldHeaders) {
    if (headers.has(header)) assert.ok(names.includes(header), `${header} of ${what}`);
  }
  if (typeof body !== 'object' || body === null) return;
  if ('error' in body && 'code' in body) assertFailureTold(operation, body, told, what);
  else if (operation.output !== photoFile && operation.output !== plainOk)
    assert.ok(Value.Check(operation.output, body), what);
}

function assertFailureTold(
  operation: Operation,
  body: { readonly code: unknown },
  told: Responses[string],
  what: string,
): void {
  const codes = Object.keys(told.content?.['application/json']?.examples ?? {});
  assert.ok(codes.includes(String(body.code)), what);
  const members = { ...(failureSchema.properties as object), ...denialOf(operation) };
  for (const name of Object.keys(body)) assert.ok(name in members, `${name} of ${what}`);
}

function isAt(pathname: string, operation: Operation): boolean {
  const pattern = addressOf(operation).replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}/?$`).test(pathname);
}
