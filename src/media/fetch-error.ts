import { GatewayError } from '../errors.ts';

/** Why a fetch brought nothing. */
export type FetchReason =
  | 'url-invalid'
  | 'url-too-long'
  | 'url-scheme'
  | 'url-credentials'
  | 'address-forbidden'
  | 'redirect-unfetchable'
  | 'redirects-too-many'
  | 'host-unknown'
  | 'lookup-failed'
  | 'refused'
  | 'unreachable'
  | 'certificate-dates'
  | 'certificate-host'
  | 'certificate-untrusted'
  | 'tls-failed'
  | 'broken-off'
  | 'not-http'
  | 'not-unpacked'
  | 'failed'
  | 'status'
  | 'empty'
  | 'web-page'
  | 'too-large'
  | 'timeout'
  | 'stopped';

interface FetchErrorOptions {
  /** The host, with its port, that was being talked to. */
  readonly host?: string;
  /** What belongs to the reason: the status, the scheme of the URL, the code of an error that is not in the list. */
  readonly detail?: string | number;
  readonly cause?: unknown;
}

/** What stopped a fetch. Whoever asked for it says it in words for the caller; the message is for the log. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly reason: FetchReason;
  readonly host: string | undefined;
  readonly detail: string | number | undefined;

  constructor(reason: FetchReason, { host, detail, cause }: FetchErrorOptions = {}) {
    const words = ['Fetching failed:', reason, detail, host && `(${host})`];
    super(words.filter(Boolean).join(' '), cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.host = host;
    this.detail = detail;
  }
}

/** Reasons by the code of an error, or else its name; the first that fits is meant. */
const reasons: readonly (readonly [labels: RegExp, reason: FetchReason])[] = [
  [/^(TimeoutError|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'timeout'],
  [/^(ENOTFOUND|ENODATA|EAI_NONAME)$/, 'host-unknown'],
  [/^(EAI_|ESERVFAIL|EREFUSED)/, 'lookup-failed'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'unreachable'],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ERR_STREAM_PREMATURE_CLOSE)$/,
    'broken-off',
  ],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'certificate-dates'],
  [/^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH)/, 'certificate-host'],
  [/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA)/, 'certificate-untrusted'],
  [/^(ERR_TLS|ERR_SSL|EPROTO)/, 'tls-failed'],
  [/^(HTTPParserError|HPE_|UND_ERR_HEADERS_OVERFLOW)/, 'not-http'],
  [/^(Z_|ERR_BROTLI|ERR__ERROR_|ERR_ZSTD|ZSTD_)/, 'not-unpacked'],
];

/**
 * The error of a resolver, a socket, TLS, HTTP or zlib as a `FetchError`. What is none of these is handed back as it
 * is.
 */
export function fetchErrorFrom(error: unknown, host: string): unknown {
  if (!(error instanceof Error) || error instanceof FetchError || error instanceof GatewayError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const reason = reasons.find(([labels]) => labels.test(code ?? error.name))?.[1];
  const cause = forTheLog(error);
  if (reason !== undefined) return new FetchError(reason, { host, cause });
  return code === undefined ? error : new FetchError('failed', { host, detail: code, cause });
}

/** Without what else errors carry, which is other people's: the answer that was no HTTP, a whole certificate. */
function forTheLog({ name, message, stack, ...rest }: Error): Error {
  const code = 'code' in rest ? rest.code : undefined;
  return Object.assign(new Error(message), { name, stack, ...(code !== undefined && { code }) });
}
