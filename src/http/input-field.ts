import type { TSchema } from 'typebox';
import type { Operation } from '../operation.ts';

/** A field of the input of an operation. */
export interface InputField {
  readonly name: string;
  /** Its own name and its aliases, in the order in which they are looked for. */
  readonly names: readonly [string, ...string[]];
  /** Whether it has to be given: it has no default either. */
  readonly isRequired: boolean;
  /** Whether a file can fill it: bytes are then as good as what the schema asks for. */
  readonly isUpload: boolean;
  readonly schema: TSchema & {
    readonly type?: string;
    readonly description?: string;
    readonly default?: unknown;
    readonly examples?: readonly unknown[];
    readonly enum?: readonly unknown[];
    /** What it takes, in words for callers who sent something else: `#rgb or #rrggbb`. */
    readonly expects?: string;
  };
}

/** The fields of the input of an operation. */
export function inputFieldsOf(operation: Pick<Operation, 'input' | 'aliases' | 'upload'>): InputField[] {
  const { properties, required = [] }: { properties: Record<string, TSchema>; required?: readonly string[] } =
    operation.input;
  const aliases: Readonly<Record<string, readonly string[] | undefined>> = operation.aliases ?? {};
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    names: [name, ...(aliases[name] ?? [])],
    isRequired: required.includes(name) && !('default' in schema),
    isUpload: name === operation.upload,
    schema,
  }));
}
