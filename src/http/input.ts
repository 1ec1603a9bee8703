import { Compile } from 'typebox/compile';
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
 * query, under its own name or an alias (the own name wins), coerced, checked, and decoded. Unknown fields are
 * ignored, and null is the same as absent.
 *
 * The schemas are compiled here, once. Errors of the returned function: `invalid_request`, naming every field that is
 * missing or wrong and what is expected; and what the decoding of a field raises.
 */
export function inputReader(
  operation: Pick<Operation, 'input' | 'aliases' | 'upload'>,
): (parts: RequestParts) => Record<string, unknown> {
  const fields = inputFieldsOf(operation).map(
    (field): Field => ({ ...field, validator: Compile(field.schema) }),
  );

  return ({ path, query, body }) => {
    const sources = [path, bodyFields(body), query];
    const input: Record<string, unknown> = {};
    const problems: Problem[] = [];
    for (const field of fields) {
      const result = readField(field, sources);
      if ('problem' in result) problems.push({ field: field.name, problem: result.problem });
      else if (result.value !== undefined) input[field.name] = result.value;
    }
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

function readField(field: Field, sources: Sources): { value: unknown } | { problem: string } {
  const given = find(field.names, sources) ?? field.schema.default;
  if (given === undefined) {
    return field.isRequired ? { problem: `missing. ${expectation(field)}` } : { value: undefined };
  }
  if (field.isUpload && given instanceof Uint8Array) {
    return given.length > 0 ? { value: given } : { problem: `the file is empty. ${expectation(field)}` };
  }
  const value = coerce(field.schema, given);
  if (!field.validator.Check(value)) return { problem: mistake(field, value) };
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

function mistake(field: Field, value: unknown): string {
  const error = field.validator.Errors(value)[0];
  const entry = /^\/(\d+)/.exec(error?.instancePath ?? '')?.[1];
  const place = entry === undefined ? '' : `entry ${Number(entry) + 1} `;
  // What a pattern asks for is said by the expectation; the pattern itself is for programs.
  const what = error && error.keyword !== 'pattern' ? error.message : 'not in the form that is expected';
  return `${place}${what}. ${expectation(field)}`;
}

function expectation({ schema }: Field): string {
  const { type } = schema as { readonly type?: string };
  const what = kinds.get(type ?? '') ?? 'a value as the reference says';
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
