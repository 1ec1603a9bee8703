import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { errorCodes } from '../errors.ts';
import { addressOf, errorsOf, methodsOf, type Operation } from '../operation.ts';
import * as list from '../operations/index.ts';
import { openApi } from './openapi.ts';

const operations: readonly Operation[] = Object.values(list);
// As callers get it: text and back, with nothing that JSON cannot hold.
const document = JSON.parse(JSON.stringify(openApi(operations, { version: '1.2.3' })));

test('the same operations give the same document', () => {
  assert.equal(JSON.stringify(openApi(operations, { version: '1.2.3' })), JSON.stringify(document));
});

test('every reference inside the document leads somewhere', () => {
  const references = [...objectsIn(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
  assert.ok(references.length > 0);
  for (const reference of references) assert.ok(resolve(reference), reference);
});

test('operation ids are unique', () => {
  const ids = [...objectsIn(document)].flatMap(({ operationId }) => operationId ?? []);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test('every example fits the schema it stands beside', () => {
  let examples = 0;
  for (const { schema, example, examples: more } of objectsIn(document)) {
    if (typeof schema !== 'object' || schema === null) continue;
    const values = Object.values(more ?? {}).map(({ value }) => value);
    for (const value of example === undefined ? values : [example, ...values]) {
      examples++;
      assert.deepEqual([...Value.Errors(inlined(schema), value)], [], JSON.stringify(value));
    }
  }
  assert.ok(examples > operations.length);
});

for (const operation of operations) {
  for (const method of methodsOf(operation)) {
    const described = document.paths[addressOf(operation)]?.[method.toLowerCase()];

    test(`${method} ${operation.name}: every field and alias is described, with an example`, () => {
      const body = described.requestBody?.content['application/json'].schema.properties ?? {};
      const parameters = new Map<string, { schema: object }>(
        described.parameters.map((parameter: { name?: string }) => [parameter.name, parameter]),
      );
      for (const field of Object.keys(operation.input.properties)) {
        const schema = body[field] ?? parameters.get(field)?.schema;
        assert.ok(schema?.description, field);
      }
      const text = JSON.stringify(described);
      for (const alias of Object.values<readonly string[] | undefined>(operation.aliases ?? {}).flat()) {
        assert.ok(text.includes(`\`${alias}\``), alias);
      }
    });

    test(`${method} ${operation.name}: every declared error is told, and no other`, () => {
      const text = JSON.stringify(described.responses);
      assert.deepEqual(
        errorCodes.filter((code) => text.includes(`"${code}"`)),
        errorCodes.filter((code) => errorsOf(operation).includes(code)),
      );
    });
  }
}

test('a refusal is told inside the 200 and under its own status', () => {
  const { responses } = document.paths['/instances/{instanceId}/token/{token}/update-group-photo'].post;
  for (const status of [200, 403]) {
    assert.ok(responses[status].content['application/json'].examples.not_group_admin, String(status));
  }
});

type Found = Readonly<Record<string, unknown>> & {
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
};

function* objectsIn(value: unknown): Generator<Found> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Found;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

function resolve(reference: string): unknown {
  const steps = reference.replace(/^#\//, '').split('/');
  return steps.reduce((place, step) => place?.[step], document);
}

/** A schema with its references replaced by what they stand for. */
function inlined(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (_key, value) => (value?.$ref ? resolve(value.$ref) : value));
}
