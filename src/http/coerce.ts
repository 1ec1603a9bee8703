import type { TSchema } from 'typebox';
import { parseJson } from './json.ts';

/** As much as we need to know of a schema: TypeBox schemas are JSON Schema. */
interface Shape {
  readonly type?: string;
  readonly items?: TSchema;
  readonly enum?: readonly unknown[];
}

/**
 * Turns what clients send into the type that a schema asks for, where it can mean only one thing: texts for numbers
 * and booleans, numbers for texts, one value for a list of one, a list in JSON for the list (a form has no other way to
 * send one in one field), and the letters of what is one of a few in any case. Everything else is left for the schema
 * to judge.
 *
 * TypeBox' own `Value.Convert` goes further than is safe here: it makes the text "null" of null, 0 of an empty text
 * and the text "true" of true, and so a picture or a page of what was a mistake.
 */
export function coerce(schema: TSchema, value: unknown): unknown {
  const { type, items, enum: allowed } = schema as Shape;
  if (allowed) return allowed.find((one) => lowerCase(one) === lowerCase(value)) ?? value;
  switch (type) {
    case 'string':
      return typeof value === 'number' && isExact(value) ? String(value) : value;
    case 'integer':
    case 'number':
      // With a slash at the end: the documented sample of a list of instances ends with `pageSize=2/`.
      if (typeof value === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*\/?$/.test(value))
        return withoutMinusZero(Number.parseFloat(value));
      return typeof value === 'number' ? withoutMinusZero(value) : value;
    case 'boolean':
      return booleans.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? value;
    case 'array': {
      const list = Array.isArray(value) ? value : (listIn(value) ?? [value]);
      return items ? list.map((item) => coerce(items, item)) : list;
    }
    default:
      return value;
  }
}

/** Whether a number is the one that was written: large integers become others, so the id of one group that of another. */
const isExact = (value: number) =>
  Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);

const withoutMinusZero = (value: number) => (value === 0 ? 0 : value);

const lowerCase = (value: unknown) => (typeof value === 'string' ? value.trim().toLowerCase() : value);

/** Far more than the longest list that an operation takes. Parsing much more would stop the process for a while. */
const longestListText = 100_000;

function listIn(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'string' || value.length > longestListText || !/^\s*\[/.test(value)) return undefined;
  try {
    return parseJson(value) as readonly unknown[];
  } catch {
    return undefined; // the schema judges the text
  }
}

const booleans = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  [1, true],
  ['false', false],
  ['0', false],
  [0, false],
]);
