import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { addressOf, errorsOf, methodsOf, type Operation, photoFile } from '../operation.ts';
import * as index from './index.ts';

const here = new URL('.', import.meta.url);
const operations: readonly Operation[] = Object.values(index);
const listed = readFileSync(new URL('index.ts', here), 'utf8').matchAll(
  /{ (?<name>\w+) } from '\.\/(?<file>.+)\.ts';/g,
);
const fileOf = new Map([...listed].map(({ groups }) => [groups?.name, groups?.file]));

test('the list holds every operation of the folder', () => {
  const files = readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(new URL(`${name}/`, here)).map((file) => `${name}/${file}`))
    .filter((file) => !file.endsWith('.test.ts'));
  assert.deepEqual([...fileOf.values()].map((file) => `${file}.ts`).sort(), files.sort());
});

test('each operation is the one that its file, folder and export are named after', () => {
  for (const [exported, { section, name }] of Object.entries(index)) {
    assert.equal(`${section}/${name}`, fileOf.get(exported));
    assert.equal(
      exported,
      name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
  }
});

test('no two operations answer the same method on the same path', () => {
  const routes = operations.flatMap((operation) =>
    methodsOf(operation).map((method) => `${method} ${addressOf(operation)}`),
  );
  assert.deepEqual(routes, [...new Set(routes)]);
});

for (const operation of operations) {
  test(`${operation.name}: the example fits the schemas`, () => {
    assert.deepEqual([...Value.Errors(operation.input, operation.example.input)], []);
    // A file has no example.
    if (operation.output === photoFile) assert.equal(operation.example.output, undefined);
    else assert.deepEqual([...Value.Errors(operation.output, operation.example.output)], []);
  });

  test(`${operation.name}: what a file fills is a field`, () => {
    if (operation.upload !== undefined) assert.ok(operation.upload in operation.input.properties);
  });

  test(`${operation.name}: what comes from the path is a field`, () => {
    for (const [, field = ''] of operation.path.matchAll(/\{(\w+)\}/g)) {
      assert.ok(field in operation.input.properties, field);
    }
  });

  test(`${operation.name}: no field is also another one's alias`, () => {
    const aliases = Object.values<readonly string[] | undefined>(operation.aliases ?? {});
    const names = [...Object.keys(operation.input.properties), ...aliases.flatMap((alias) => alias ?? [])];
    assert.deepEqual(names, [...new Set(names)]);
  });

  test(`${operation.name}: lists only the errors that are its own`, () => {
    const inherited = errorsOf({ ...operation, errors: [] });
    assert.deepEqual(
      operation.errors.filter((code) => inherited.includes(code)),
      [],
    );
  });
}
