import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../errors.ts';

/**
 * Has bodies read as JSON. No body at all is fine whatever its type says: clients send empty POSTs as forms.
 *
 * Errors: `invalid_request` for broken JSON, `unsupported_media_type` for a body of another type.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async ({ headers }) => {
    const isEmpty =
      headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    if (isEmpty) delete headers['content-type']; // Fastify would judge it, even one that is no media type
  });
  app.addHook('preParsing', async ({ headers }) => {
    const encoding = headers['content-encoding'];
    if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
    throw new GatewayError('unsupported_media_type', {
      message: 'Send the body as it is, without Content-Encoding: this server does not unpack it.',
    });
  });
  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\b/i,
    { parseAs: 'string' },
    (_request, text, done) => {
      try {
        done(null, parseJson(text.toString()));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  app.addContentTypeParser('*', (_request, payload, done) => {
    const settle = (error: Error | null) => {
      payload.off('data', refuse).off('end', finish).off('error', settle);
      done(error);
    };
    const refuse = () => settle(new GatewayError('unsupported_media_type'));
    const finish = () => settle(null);
    payload.on('data', refuse).on('end', finish).on('error', settle);
  });
}

/**
 * More than any operation takes. Parsing takes its time by the value: millions of them would stop the process for
 * seconds.
 */
const maxValues = 10_000;

/**
 * Parses JSON. Integers that a double cannot hold stay texts, digit by digit: a group id sent as a number would
 * otherwise become the id of another group.
 *
 * Errors: `invalid_request` for what is not JSON, and for more than 10,000 values.
 */
export function parseJson(text: string): unknown {
  const trimmed = text.trim(); // a byte order mark, too
  if (trimmed === '') return undefined;
  if (hasTooManyValues(trimmed)) {
    throw new GatewayError('invalid_request', { message: `The body holds more than ${maxValues} values.` });
  }
  try {
    return JSON.parse(trimmed, keepDigits);
  } catch (error) {
    // The parser's words quote the body, so they are for its sender and not for the log.
    const reason = error instanceof SyntaxError ? error.message : 'it cannot be read';
    throw new GatewayError('invalid_request', { message: `The body is not valid JSON: ${reason}.` });
  }
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isInexact && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}

/** Counted by the marks that come before values, without parsing; what strings hold is passed over. */
function hasTooManyValues(json: string): boolean {
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const mark = json[at];
    if (mark === '"') at = endOfString(json, at);
    else if ((mark === ',' || mark === '[' || mark === '{') && ++values > maxValues) return true;
  }
  return false;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(json: string, start: number): number {
  let end = start;
  do end = json.indexOf('"', end + 1);
  while (isEscaped(json, end));
  return end === -1 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}
