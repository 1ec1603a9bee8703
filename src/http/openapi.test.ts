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
      const responses: readonly Found[] = Object.values(described.responses);
      const examples = responses.flatMap(({ content }) =>
        Object.keys(content?.['application/json']?.examples ?? {}),
      );
      const told = new Set(examples.filter((name) => name !== 'success'));
      assert.deepEqual(
        errorCodes.filter((code) => told.has(code)),
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

const ofInstance = (path: string) => document.paths[`/instances/{instanceId}/token/{token}${path}`];
const names = (list: readonly { name?: string; $ref?: string }[]) =>
  list.map(({ name, $ref }) => name ?? $ref?.split('/').at(-1));

test('what is ours is marked, and what is Z-API’s is not', () => {
  for (const operation of operations) {
    const described = document.paths[addressOf(operation)][operation.method.toLowerCase()];
    assert.equal(described['x-pombo-extension'], operation.isExtension, operation.name);
  }
  assert.match(ofInstance('/group-photo/{groupId}').delete.description, /extension of Pombo/);
});

test('a refusal of what is ours is told under its own status only', () => {
  const { parameters, responses } = ofInstance('/group-photo/{groupId}').delete;
  assert.ok(!responses[200].content['application/json'].examples.not_group_admin);
  assert.ok(responses[403].content['application/json'].examples.not_group_admin);
  assert.ok(!names(parameters).includes('Prefer'));
});

test('an upload is described in every form: as Base64, as a part of a form, and as the body itself', () => {
  const { requestBody, parameters } = ofInstance('/update-group-photo').post;
  const { content } = requestBody;
  assert.deepEqual(Object.keys(content), [
    'application/json',
    'multipart/form-data',
    'image/*',
    'application/octet-stream',
  ]);
  assert.equal(content['multipart/form-data'].schema.properties.groupPhoto.format, 'binary');
  assert.equal(content['multipart/form-data'].schema.properties.groupId.format, undefined);
  assert.equal(content['image/*'].schema.format, 'binary');
  const beside = parameters.filter((parameter: { in?: string }) => parameter.in === 'query');
  assert.deepEqual(names(beside), ['groupId', 'fit', 'position', 'background', 'force']);
  for (const { required, example } of beside) assert.ok(!required && example !== undefined);
});

test('an Idempotency-Key is a parameter of the operations that take one, and of no other', () => {
  for (const operation of operations) {
    const { parameters, responses } = document.paths[addressOf(operation)][operation.method.toLowerCase()];
    const takesOne = operation.takesIdempotencyKey === true;
    const success = responses[operation.successStatus ?? 200];
    assert.equal(names(parameters).includes('IdempotencyKey'), takesOne, operation.name);
    assert.equal('Idempotency-Replayed' in success.headers, takesOne, operation.name);
  }
});

test('a photo is described as a JPEG with its ETag, and as what is not sent again', () => {
  const { parameters, responses } = ofInstance('/group-photo/{groupId}').get;
  assert.deepEqual(Object.keys(responses[200].content), ['image/jpeg']);
  for (const status of [200, 304]) {
    const headers = Object.keys(responses[status].headers);
    for (const header of ['ETag', 'Cache-Control', 'X-Content-Type-Options', 'Preference-Applied'])
      assert.ok(headers.includes(header), `${status} ${header}`);
  }
  assert.ok(!('content' in responses[304]));
  assert.ok(names(parameters).includes('IfNoneMatch'));
  assert.ok(responses[404].content['application/json'].examples.group_photo_not_found);
});

test('a success has the status that the operation gives it', () => {
  const { responses } = ofInstance('/update-group-photos').post;
  assert.ok(responses[202]);
  assert.ok(!responses[200]);
});

test('words for callers who sent something else are not for the reference', () => {
  assert.ok(![...objectsIn(document)].some((schema) => 'expects' in schema));
});

test('a DELETE has no body, and its fields stand in the address', () => {
  const { requestBody, parameters } = ofInstance('/group-photo/{groupId}').delete;
  assert.equal(requestBody, undefined);
  assert.ok(names(parameters).includes('groupId'));
});

type Found = Readonly<Record<string, unknown>> & {
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly content?: Readonly<Record<string, Found>>;
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
