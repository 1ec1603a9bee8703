import { GatewayError } from '../errors.ts';

/**
 * Parses JSON. Integers that a double cannot hold stay texts, digit by digit: a group id sent as a number would
 * otherwise become the id of another group.
 *
 * Errors: `invalid_request` for what is not JSON; its sentence ends in `remark`.
 */
export function parseJson(text: string, remark = ''): unknown {
  const trimmed = text.trim(); // a byte order mark, too
  if (trimmed === '') return undefined;
  try {
    return JSON.parse(trimmed, keepDigits);
  } catch (error) {
    // The parser's words quote the body, so they are for its sender and not for the log.
    const reason = error instanceof SyntaxError ? error.message : 'it cannot be read';
    throw new GatewayError('invalid_request', { message: `The body is not valid JSON: ${reason}${remark}.` });
  }
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isInexact && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}

/** What the inside of a JSON string stands for; `undefined` when it is not valid. */
export function unescapeJson(source: Buffer): string | undefined {
  try {
    return JSON.parse(`"${source}"`);
  } catch {
    return undefined;
  }
}
