import { GatewayError } from '../errors.ts';

/**
 * Reads the headers `Idempotency-Key` of a request (draft-ietf-httpapi-idempotency-key-header): a string of RFC 9651 in double
 * quotes, or the bare characters, as most clients send them. `undefined` when there is none.
 *
 * Errors: `invalid_request`.
 */
export function parseIdempotencyKey(headers: readonly string[] = []): string | undefined {
  const [text] = headers;
  if (text === undefined) return undefined;
  if (headers.length > 1) throw invalid(`${headers.length} of them came. Send one.`);
  const quoted = /^"(?<inside>(?:[^"\\]|\\["\\])*)"$/.exec(text)?.groups?.inside;
  const key = quoted?.replaceAll(/\\(.)/g, '$1') ?? text;
  const isWhole = quoted !== undefined || !text.startsWith('"');
  if (isWhole && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw invalid(
    'not a key. Expected 1 to 255 visible ASCII characters, such as a new UUID for each request.',
  );
}

const invalid = (problem: string) =>
  new GatewayError('invalid_request', {
    message: `Idempotency-Key: ${problem}`,
    details: { fields: ['Idempotency-Key'] },
  });
