/** What the reference says of every field and every answer, read as its readers get it: from the document alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi } from '../../src/http/openapi.ts';
import * as operations from '../../src/operations/index.ts';

type Json = Readonly<Record<string, unknown>>;

const document: Json = JSON.parse(JSON.stringify(openApi(Object.values(operations), { version: '1.2.3' })));

/** Each operation of the document, with its references replaced by what they stand for. */
const described = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path.replace(/^\/instances\/\{instanceId\}\/token\/\{token\}/, '…')}`,
      ...(resolved(operation) as {
        readonly summary?: string;
        readonly parameters?: readonly Parameter[];
        readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
        readonly responses: Readonly<Record<string, Response>>;
      }),
    })),
);

interface Parameter extends Media {
  readonly name: string;
  readonly description?: string;
}

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Response {
  readonly description?: string;
  readonly headers?: Readonly<Record<string, Media & { readonly description?: string }>>;
  readonly content?: Readonly<Record<string, Media>>;
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

for (const { name, summary, parameters = [], requestBody, responses } of described) {
  test(`${name}: every field has a description and an example`, () => {
    const lacking = [
      ...(summary ? [] : ['summary']),
      ...parameters.flatMap((parameter) => lackingOf(parameter.name, parameter)),
      ...Object.entries(requestBody?.content ?? {}).flatMap(([type, media]) => lackingIn(type, media)),
      ...Object.entries(responses).flatMap(([status, { headers = {}, content = {} }]) => [
        ...Object.entries(headers).flatMap(([header, media]) => lackingOf(`${status} ${header}`, media)),
        ...Object.entries(content).flatMap(([type, media]) => lackingIn(`${status} ${type}`, media)),
      ]),
    ];
    assert.deepEqual(lacking, []);
  });

  test(`${name}: every answer, by status and code, has a description and an example`, () => {
    for (const [status, { description, content }] of Object.entries(responses)) {
      assert.ok(description, status);
      if (status === '304') continue; // an answer without a body
      assert.ok(content, status);
      for (const media of Object.values(content)) {
        const examples = examplesOf(media);
        assert.ok(examples.length > 0, status);
        const shown = examples.map((example) => (example as Json).code);
        for (const code of codesIn(media.schema)) assert.ok(shown.includes(code), `${status} ${code}`);
      }
    }
  });
}

/** What a parameter or header lacks. */
function lackingOf(name: string, media: Media & { readonly description?: string }): string[] {
  return [
    ...(media.description ? [] : [`${name}: description`]),
    ...(examplesOf(media).length > 0 ? [] : [`${name}: example`]),
  ];
}

/** What the fields of a body lack. */
const lackingIn = (name: string, media: Media): string[] =>
  lackingBelow(name, [media.schema], examplesOf(media));

/**
 * What the fields lack that these schemas, which hold for the same value, tell of. `examples` are whole values: what
 * they show of a field is its example when it has none of its own.
 */
function lackingBelow(place: string, schemas: readonly Schema[], examples: readonly unknown[]): string[] {
  const all = schemas.flatMap(alternativesOf);
  const fields = Map.groupBy(
    all.flatMap(({ properties = {} }) => Object.entries(properties)),
    ([name]) => name,
  );
  const items = all.flatMap((schema) => schema.items ?? []);
  return [
    ...[...fields].flatMap(([name, told]) => {
      const same = told.map(([, schema]) => schema);
      const shown = examples.flatMap((example) => (example as Json | undefined)?.[name] ?? []);
      return [
        ...lackingHere(`${place} ${name}`, same, shown),
        ...lackingBelow(`${place} ${name}`, same, shown),
      ];
    }),
    ...(items.length > 0 ? lackingBelow(place, items, examples.flat()) : []),
  ];
}

function lackingHere(place: string, schemas: readonly Schema[], shown: readonly unknown[]): string[] {
  const all = schemas.flatMap(alternativesOf).filter(({ type }) => type !== 'null'); // null says that there is none
  const hasExample =
    shown.length > 0 || all.some((schema) => schema.examples !== undefined || schema.const !== undefined);
  return [
    ...(all.some(({ description }) => description) ? [] : [`${place}: description`]),
    ...(hasExample ? [] : [`${place}: example`]),
  ];
}

/** A schema and all that it is put together from. */
const alternativesOf = (schema: Schema): Schema[] => [
  schema,
  ...[...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap(alternativesOf),
];

const examplesOf = ({ example, examples = {} }: Media): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(({ value }) => value),
];

/** The codes of failures that a body may have. */
const codesIn = (schema: Schema): unknown[] =>
  alternativesOf(schema)
    .filter(({ allOf }) => allOf)
    .flatMap(alternativesOf)
    .flatMap(({ properties }) => (properties?.code as { readonly enum?: readonly unknown[] })?.enum ?? []);

function resolved(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner) => {
    if (typeof inner?.$ref !== 'string') return inner;
    const steps: string[] = inner.$ref.replace(/^#\//, '').split('/');
    return steps.reduce<unknown>((place, step) => (place as Json)[step], document);
  });
}
