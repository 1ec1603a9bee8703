/** What a request of an operation carries, as the reference tells it. */
import { type Operation, photoFile } from '../operation.ts';
import { pictureBodyBytes, plainBodyBytes } from './body-limits.ts';
import { type InputField, inputFieldsOf } from './input-field.ts';
import { answersInside200, type Json } from './openapi-responses.ts';

interface Field extends Omit<InputField, 'schema'> {
  readonly schema: Json;
  readonly isInPath: boolean;
  readonly example: unknown;
}

function fieldsOf(operation: Operation): Field[] {
  const example = operation.example.input as Json;
  return inputFieldsOf(operation).map((field) => ({
    ...field,
    schema: withAliases(field),
    isInPath: operation.path.includes(`{${field.name}}`),
    example: example[field.name] ?? field.schema.examples?.[0],
  }));
}

function withAliases({ schema: { expects: _, ...schema }, names: [, ...aliases] }: InputField): Json {
  if (aliases.length === 0) return schema;
  const names = aliases.map((alias) => `\`${alias}\``).join(' or ');
  return { ...schema, description: `${schema.description ?? ''} Also read from ${names}.`.trim() };
}

/** The OpenAPI parameters of an operation: what stands in the path, the query and the headers. */
export function parametersOf(operation: Operation, { takesBody }: { readonly takesBody: boolean }): Json[] {
  const headers = [
    ...(answersInside200(operation) ? ['Prefer'] : []),
    ...(operation.takesIdempotencyKey ? ['IdempotencyKey'] : []),
    ...(operation.output === photoFile ? ['IfNoneMatch'] : []),
  ];
  const fields = fieldsOf(operation);
  const inQuery = fields.filter(({ isInPath, isUpload }) => !isInPath && !isUpload);
  return [
    ...(operation.kind === 'partner' ? [] : ['InstanceId', 'Token']).map(parameterReference),
    ...fields
      .filter(({ isInPath }) => isInPath)
      .map((field) => ({ ...parameter(field), in: 'path', required: true })),
    ...(takesBody ? [] : inQuery.map((field) => ({ ...parameter(field), required: field.isRequired }))),
    ...(takesBody && operation.upload ? inQuery.map(besideRawBody) : []),
    ...headers.map(parameterReference),
  ];
}

const parameter = ({ name, schema, example }: Field): Json => ({
  name,
  in: 'query',
  ...(schema.description !== undefined && { description: schema.description }),
  schema,
  ...(example !== undefined && { example }),
});

/** A field as a parameter for requests whose body is the picture itself. */
const besideRawBody = (field: Field): Json => ({
  ...parameter(field),
  required: false,
  description: `For when the body is the picture itself. ${field.schema.description ?? ''}`.trim(),
});

const parameterReference = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });

/** The OpenAPI request body of an operation in all its types; `undefined` when there is nothing to send in one. */
export function requestBodyOf(operation: Operation): Json | undefined {
  const fields = fieldsOf(operation).filter(({ isInPath }) => !isInPath);
  if (fields.length === 0) return undefined;
  const upload = fields.find(({ isUpload }) => isUpload);
  const limitBytes = upload ? pictureBodyBytes : plainBodyBytes;
  return {
    description: `At most ${limitBytes / 2 ** 20} MiB.`,
    required: fields.some(({ isRequired }) => isRequired),
    content: {
      'application/json': objectOf(fields, operation.example.input as Json),
      ...(upload && {
        'multipart/form-data': formOf(fields, operation.example.input as Json),
        'image/*': { schema: file(upload), example: exampleFile },
        'application/octet-stream': { schema: file(upload), example: exampleFile },
      }),
    },
  };
}

/** Fields as the members of an object, with as many in the example as `example` has. */
function objectOf(fields: readonly Field[], example: Json): Json {
  const named = fields.filter(({ name }) => example[name] !== undefined);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
      required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    },
    example: Object.fromEntries(named.map(({ name }) => [name, example[name]])),
  };
}

/** The same fields as the parts of a form, in which the picture may be a file. */
function formOf(fields: readonly Field[], example: Json): Json {
  const parts = fields.map((field) => (field.isUpload ? { ...field, schema: file(field) } : field));
  const files = fields.filter(({ isUpload }) => isUpload).map(({ name }) => [name, exampleFile]);
  return objectOf(parts, { ...example, ...Object.fromEntries(files) });
}

const file = ({ schema }: Field): Json => ({
  type: 'string',
  format: 'binary',
  description: `The bytes of the picture. ${schema.description ?? ''}`.trim(),
  examples: [exampleFile],
});

const exampleFile = '(the bytes of the picture)';
