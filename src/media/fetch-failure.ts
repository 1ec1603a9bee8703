import { GatewayError } from '../errors.ts';

/**
 * What went wrong, by the code of the error or else its name, and what the caller can do about it; the first that fits
 * is told.
 */
const reasons: readonly (readonly [labels: RegExp, reason: string])[] = [
  [/^(ENOTFOUND|ENODATA|EAI_NONAME)$/, 'is not known. Check the spelling of the URL.'],
  [/^(EAI_|ESERVFAIL|EREFUSED)/, 'could not be looked up just now. Try again shortly.'],
  [/^ECONNREFUSED$/, 'refused the connection. Check the port, and that its server is running.'],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ERR_STREAM_PREMATURE_CLOSE)$/,
    'broke off the connection before the picture was complete. Try again.',
  ],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'cannot be reached from this server.'],
  [
    /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/,
    'has no TLS that can be trusted: its certificate is not valid for it, or it does not speak HTTPS on this port.',
  ],
  [/^(HTTPParserError|HPE_|UND_ERR_HEADERS_OVERFLOW)/, 'did not answer in proper HTTP.'],
  [/^(Z_|ERR_BROTLI|ERR_ZSTD|ZSTD_)/, 'sent a compressed answer that cannot be unpacked.'],
];

const timeoutCodes = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * What stopped a fetch, in words for the caller: the error of a resolver, a socket, TLS, HTTP or zlib becomes
 * `picture_url_failed` or `picture_url_timeout`. What is none of these is handed back as it is.
 */
export function fetchFailure(error: unknown, host: string): unknown {
  if (!(error instanceof Error) || error instanceof GatewayError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const label = code ?? error.name;
  if (label === 'TimeoutError' || timeoutCodes.has(label)) {
    return new GatewayError('picture_url_timeout', {
      message: `The picture URL's host "${host}" did not deliver the picture in time. Try again, or send the picture as Base64.`,
      cause: forTheLog(error),
    });
  }
  const reason = reasons.find(([labels]) => labels.test(label))?.[1];
  if (reason === undefined && code === undefined) return error;
  return new GatewayError('picture_url_failed', {
    message: `The picture URL's host "${host}" ${reason ?? `could not be fetched from (${code}).`}`,
    cause: forTheLog(error),
  });
}

/** Without what else errors carry, which is other people's: the answer that was no HTTP, a whole certificate. */
function forTheLog({ name, message, stack, ...rest }: Error): Error {
  const code = 'code' in rest ? rest.code : undefined;
  return Object.assign(new Error(message), { name, stack, ...(code !== undefined && { code }) });
}
