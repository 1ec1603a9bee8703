import { exampleRequestId, failureSchema, type Json } from './openapi-responses.ts';

const exampleETag = '"1785585600"';

/** What the descriptions of operations refer to: authentication, and the parameters and headers that many share. */
export const components: Json = {
  securitySchemes: {
    clientToken: {
      type: 'apiKey',
      in: 'header',
      name: 'Client-Token',
      description: 'The secret of the account, where it asks for one.',
    },
    partnerToken: {
      type: 'http',
      scheme: 'bearer',
      description: 'The secret of whoever creates instances.',
    },
  },
  parameters: {
    InstanceId: {
      name: 'instanceId',
      in: 'path',
      required: true,
      description: 'The id of the instance.',
      schema: { type: 'string' },
      example: '3D2A8F4B6C1E4F7A9B0C5D8E2F6A1B3C',
    },
    Token: {
      name: 'token',
      in: 'path',
      required: true,
      description: 'The secret of the instance.',
      schema: { type: 'string' },
      example: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
    },
    Prefer: {
      name: 'Prefer',
      in: 'header',
      required: false,
      description:
        'How to be told that WhatsApp said no: `value: false` inside a 200, or by the status. The answer repeats it as `Preference-Applied`.',
      schema: { type: 'string', enum: ['handling=strict', 'handling=lenient'] },
      example: 'handling=strict',
    },
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Has the request carried out once, however often it is sent: for 24 hours the same key with the same input gets the first answer again, while the first is still under way, too. The same key with another input is refused (`idempotency_key_reused`). 1 to 255 visible ASCII characters, such as a new UUID for each request.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
    },
    IfNoneMatch: {
      name: 'If-None-Match',
      in: 'header',
      required: false,
      description:
        'The `ETag` of the photo that the caller has. When it is this one, the answer is 304, without the bytes.',
      schema: { type: 'string' },
      example: exampleETag,
    },
  },
  headers: {
    RequestId: {
      description: 'The id of the request: its own `x-request-id`, or one that was made for it.',
      schema: { type: 'string' },
      example: exampleRequestId,
    },
    RetryAfter: {
      description: 'Seconds to wait before trying again, where that is known.',
      schema: { type: 'integer' },
      example: 5,
    },
    Allow: {
      description: 'The methods that this path takes.',
      schema: { type: 'string' },
      example: 'POST, PUT, OPTIONS',
    },
    WWWAuthenticate: {
      description: 'How to say who is calling.',
      schema: { type: 'string' },
      example: 'Bearer',
    },
    ETag: {
      description: 'The id of the photo, in double quotes.',
      schema: { type: 'string' },
      example: exampleETag,
    },
    CacheControl: {
      description: 'Answers are not to be kept: they hold secrets, and what changes.',
      schema: { type: 'string', const: 'no-store' },
      example: 'no-store',
    },
    PhotoCacheControl: {
      description: 'The photo may be kept, and is to be asked for again with its `ETag`.',
      schema: { type: 'string', const: 'private, no-cache' },
      example: 'private, no-cache',
    },
    ContentTypeOptions: {
      description: 'The photo is what its type says, and nothing else.',
      schema: { type: 'string', const: 'nosniff' },
      example: 'nosniff',
    },
    PreferenceApplied: {
      description:
        'Set when the request had a `Prefer` that was heeded; `handling=strict` is by every operation.',
      schema: { type: 'string', enum: ['handling=strict', 'handling=lenient'] },
      example: 'handling=strict',
    },
    IdempotencyReplayed: {
      description: 'Set when this is the answer to an earlier request with the same `Idempotency-Key`.',
      schema: { type: 'string', const: 'true' },
      example: 'true',
    },
  },
  schemas: { Failure: failureSchema },
};
