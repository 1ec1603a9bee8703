import { Compile } from 'typebox/compile';
import { bytesInText } from '../base64/bytes-in-text.ts';
import { closestName } from '../closest-name.ts';
import { GatewayError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { coerce } from './coerce.ts';
import { type InputField, inputFieldsOf } from './input-field.ts';

/** Where the fields of a request may stand. */
export interface RequestParts {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface Field extends InputField {
  readonly validator: ReturnType<typeof Compile>;
}

/**
 * Makes the function that reads the input of an operation from a request: each field from the path, the body or the
 * query, under its own name or an alias (the own name wins), coerced, checked, and decoded. Null is the same as absent,
 * and so is an empty value in the query, where forms send their empty fields. A picture that stands in a text becomes
 * its bytes. Unknown fields are ignored, as Z-API does; extensions refuse them, because a slip in the name of an
 * optional field would do something else than was asked for.
 *
 * The schemas are compiled here, once. Errors of the returned function: `invalid_request`, naming every field that is
 * missing, wrong or unknown, and what is expected; and what the decoding of a field raises.
 */
export function inputReader(
  operation: Pick<Operation, 'input' | 'aliases' | 'upload' | 'isExtension'>,
): (parts: RequestParts) => Record<string, unknown> {
  const fields = inputFieldsOf(operation).map(
    (field): Field => ({ ...field, validator: Compile(field.schema) }),
  );

  return ({ path, query, body }) => {
    const fromBody = bodyFields(body);
    const sources = [path, fromBody, withoutEmpty(query)];
    const input: Record<string, unknown> = {};
    const problems: Problem[] = [];
    for (const field of fields) {
      const result = readField(field, sources);
      if ('problem' in result) problems.push({ field: field.name, problem: result.problem });
      else if (result.value !== undefined) input[field.name] = result.value;
    }
    if (operation.isExtension) problems.push(...unknownAmong(fields, [fromBody, query])); // the path says who is asked, too
    if (problems.length > 0) throw invalid(problems);
    return input;
  };
}

interface Problem {
  readonly field: string;
  readonly problem: string;
}

type Sources = readonly Readonly<Record<string, unknown>>[];

function bodyFields(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new GatewayError('invalid_request', {
    message: 'The body must be a JSON object: {"field": "value", …}.',
  });
}

const withoutEmpty = (query: RequestParts['query']): RequestParts['query'] =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));

const mostUnknownNames = 5;
const longestUnknownName = 64;

function unknownAmong(fields: readonly InputField[], sources: Sources): Problem[] {
  const known = fields.flatMap(({ names }) => names);
  const given = new Set(sources.flatMap((source) => Object.keys(source)));
  const unknown = [...given].filter((name) => !known.includes(name)).slice(0, mostUnknownNames);
  return unknown.map((name) => {
    if (name.length > longestUnknownName)
      return { field: `${name.slice(0, longestUnknownName)}…`, problem: 'unknown.' };
    const closest = closestName(name, known);
    return { field: name, problem: `unknown. ${closest ? `Did you mean ${closest}?` : namesOf(fields)}` };
  });
}

const namesOf = (fields: readonly InputField[]): string =>
  fields.length === 0
    ? 'There are no fields here.'
    : `The fields are ${fields.map(({ name }) => name).join(', ')}.`;

function readField(field: Field, sources: Sources): { value: unknown } | { problem: string } {
  const found = find(field.names, sources) ?? field.schema.default;
  const given = field.isUpload ? withoutText(found) : found;
  if (given === undefined) {
    return field.isRequired ? { problem: `missing. ${expectation(field)}` } : { value: undefined };
  }
  if (field.isUpload && given instanceof Uint8Array) {
    return given.length > 0 ? { value: given } : { problem: 'the file is empty.' };
  }
  const value = coerce(field.schema, given);
  if (!field.validator.Check(value)) return { problem: mistake(field, value) };
  if (field.schema.type === 'integer' && !Number.isSafeInteger(value)) {
    return { problem: `too large. ${expectation(field)}` }; // it is not the number that was sent any more
  }
  try {
    return { value: field.validator.Decode(value) };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'invalid_request') throw error;
    return { problem: error.message };
  }
}

function find(names: readonly string[], sources: Sources): unknown {
  for (const name of names) {
    for (const source of sources) {
      const value = Object.hasOwn(source, name) ? source[name] : undefined;
      if (value !== undefined && value !== null) return value;
    }
  }
  return undefined;
}

/** So that a picture is the same whatever clothes it comes in. */
function withoutText(picture: unknown): unknown {
  const bytes = typeof picture === 'string' ? bytesInText(picture.trim()) : undefined;
  return bytes?.length ? bytes : picture;
}

function mistake(field: Field, value: unknown): string {
  // A form or query with the field twice, or a list in JSON.
  if (Array.isArray(value) && value.length > 1 && field.schema.type !== 'array')
    return `there are ${value.length} values. Send one. ${expectation(field)}`;
  const error = field.validator.Errors(value)[0];
  const entry = /^\/(\d+)/.exec(error?.instancePath ?? '')?.[1];
  const place = entry === undefined ? '' : `entry ${Number(entry) + 1} `;
  // What a pattern asks for is said by the expectation; the pattern itself is for programs.
  const what = error && error.keyword !== 'pattern' ? error.message : 'not in the form that is expected';
  return `${place}${what}. ${expectation(field)}`;
}

function expectation({ schema }: Field): string {
  if (schema.enum) return `Expected one of ${schema.enum.join(', ')}.`;
  const what = schema.expects ?? kinds.get(schema.type ?? '') ?? 'a value as the reference says';
  const example = schema.examples?.[0];
  return `Expected ${what}${example === undefined ? '' : `, for example ${JSON.stringify(example)}`}.`;
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['integer', 'a whole number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
]);

function invalid(problems: readonly Problem[]): GatewayError {
  return new GatewayError('invalid_request', {
    message: problems.map(({ field, problem }) => `${field}: ${problem}`).join(' '),
    details: { fields: problems.map(({ field }) => field) },
  });
}
