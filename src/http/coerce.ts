import type { TSchema } from 'typebox';

/** As much as we need to know of a schema: TypeBox schemas are JSON Schema. */
interface Shape {
  readonly type?: string;
  readonly items?: TSchema;
}

/**
 * Turns what clients send into the type that a schema asks for, where it can mean only one thing: texts for numbers
 * and booleans, numbers for texts, one value for a list of one. Everything else is left for the schema to judge.
 *
 * TypeBox' own `Value.Convert` goes further than is safe here: it makes the text "null" of null, 0 of an empty text
 * and the text "true" of true, and so a picture or a page of what was a mistake.
 */
export function coerce(schema: TSchema, value: unknown): unknown {
  const { type, items } = schema as Shape;
  switch (type) {
    case 'string':
      return typeof value === 'number' ? String(value) : value;
    case 'integer':
    case 'number':
      return typeof value === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
    case 'boolean':
      return booleans.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? value;
    case 'array': {
      const list = Array.isArray(value) ? value : [value];
      return items ? list.map((item) => coerce(items, item)) : list;
    }
    default:
      return value;
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
