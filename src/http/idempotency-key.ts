import { GatewayError } from '../errors.ts';

/**
 * Reads the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a string of RFC 9651 in double
 * quotes, or the bare characters, as most clients send them. `undefined` when there is none.
 *
 * Errors: `invalid_request`.
 */
export function parseIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header);
  const quoted = /^"(?<inside>(?:[^"\\]|\\["\\])*)"$/.exec(text)?.groups?.inside;
  const key = quoted?.replaceAll(/\\(.)/g, '$1') ?? text;
  const isWhole = quoted !== undefined || !text.startsWith('"');
  if (isWhole && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new GatewayError('invalid_request', {
    message:
      'Idempotency-Key: not a key. Expected 1 to 255 visible ASCII characters, such as a new UUID for each request.',
    details: { fields: ['Idempotency-Key'] },
  });
}
