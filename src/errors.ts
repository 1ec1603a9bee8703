/**
 * Every failure that a caller can see, declared once. `http/` turns a `GatewayError` into an answer; the reference
 * and its tests are derived from this table.
 */

interface Failure {
  /** The HTTP status of the answer. */
  readonly status: number;
  /** The status instead, when the error says how long to wait (`retryAfterSeconds`). */
  readonly statusWhenRetryable?: number;
  /**
   * `request`: the request could not be carried out, the status always says so.
   * `refusal`: WhatsApp said no; where the success is a boolean, the documented form is `value: false` inside a 200,
   * and the status is used with `Prefer: handling=strict` only.
   */
  readonly kind: 'request' | 'refusal';
  /** The same request may fare better a while later, without anybody doing anything about it. */
  readonly mayPass?: true;
  /** The sentence for the caller when the place that raises the error has none of its own. */
  readonly message: string;
}

const failures = {
  client_token_missing: {
    status: 400,
    kind: 'request',
    message: 'your client-token is not configured',
  },
  client_token_wrong: { status: 403, kind: 'request', message: 'Client-Token not allowed' },
  partner_token_missing: {
    status: 401,
    kind: 'request',
    message: 'Partner token missing: send it as "Authorization: Bearer <partner token>".',
  },
  partner_token_wrong: { status: 401, kind: 'request', message: 'Partner token not allowed' },
  instance_not_found: { status: 404, kind: 'request', message: 'Instance not found' },
  not_found: { status: 404, kind: 'request', message: 'NOT_FOUND' },
  method_not_allowed: {
    status: 405,
    kind: 'request',
    message: 'This path does not take this HTTP method; the header Allow names those it takes.',
  },
  unsupported_media_type: {
    status: 415,
    kind: 'request',
    message: 'Send the body as JSON, with "Content-Type: application/json".',
  },
  body_too_large: { status: 413, kind: 'request', message: 'The body is larger than this server takes.' },
  request_timeout: { status: 408, kind: 'request', message: 'The request did not arrive in time.' },
  headers_too_large: {
    status: 431,
    kind: 'request',
    message: 'The headers of the request are too large.',
  },
  invalid_request: { status: 400, kind: 'request', message: 'The request is not valid.' },
  not_connected: {
    status: 409,
    statusWhenRetryable: 503,
    kind: 'request',
    mayPass: true,
    message: 'You are not connected.',
  },
  already_connected: { status: 409, kind: 'request', message: 'You are already connected.' },
  passkey_required: {
    status: 409,
    kind: 'request',
    message:
      'WhatsApp asks for a passkey before it links this phone, which this version cannot give yet. Try again later or with another phone; restart or disconnect the instance to get a new code.',
  },
  pairing_refused: {
    status: 422,
    kind: 'request',
    message:
      'WhatsApp refused to make a pairing code for this number. Check it, or scan the QR code instead.',
  },
  proxy_unreachable: { status: 400, kind: 'request', message: 'Proxy is not reachable' },
  unsupported: { status: 422, kind: 'request', message: 'This version cannot do that.' },
  picture_unreadable: { status: 400, kind: 'request', message: 'The picture cannot be read.' },
  picture_too_large: { status: 413, kind: 'request', message: 'The picture is too large.' },
  picture_url_invalid: {
    status: 400,
    kind: 'request',
    message: 'The picture URL is not a valid http or https URL.',
  },
  picture_url_forbidden: {
    status: 400,
    kind: 'request',
    message: 'The picture URL points to an address that this server does not fetch from.',
  },
  picture_url_failed: {
    status: 422,
    kind: 'request',
    mayPass: true,
    message: 'The picture URL could not be fetched.',
  },
  picture_url_timeout: {
    status: 422,
    kind: 'request',
    mayPass: true,
    message: 'The picture URL did not deliver the picture in time.',
  },
  rate_limited: {
    status: 429,
    kind: 'request',
    mayPass: true,
    message: 'Too many requests of this kind are waiting; try again later.',
  },
  idempotency_key_reused: {
    status: 409,
    kind: 'request',
    message:
      'This Idempotency-Key was used for another request within the last 24 hours. Take a new key for a new request.',
  },
  group_photo_not_found: { status: 404, kind: 'request', message: 'The group has no photo.' },
  no_earlier_photo: {
    status: 404,
    kind: 'request',
    message: 'No earlier photo of this group is kept here, so there is none to go back to.',
  },
  job_not_found: { status: 404, kind: 'request', message: 'There is no such job. Check its id.' },
  overloaded: {
    status: 503,
    kind: 'request',
    mayPass: true,
    message: 'Too much is being worked on right now; try again shortly.',
  },
  shutting_down: {
    status: 503,
    kind: 'request',
    mayPass: true,
    message: 'This server is stopping. Try again shortly.',
  },
  picture_refused: {
    status: 422,
    kind: 'refusal',
    message: 'WhatsApp refused the picture. Try another one.',
  },
  not_group_admin: {
    status: 403,
    kind: 'refusal',
    message: 'Only admins may change this group, and the connected number is not one.',
  },
  not_group_member: {
    status: 403,
    kind: 'refusal',
    message: 'The connected number is not a member of this group.',
  },
  group_not_found: { status: 404, kind: 'refusal', message: 'WhatsApp knows no such group. Check its id.' },
  whatsapp_refused: { status: 422, kind: 'refusal', message: 'WhatsApp refused the request.' },
  // WhatsApp's own trouble, not its judgement: the same request may be done a moment later.
  whatsapp_unavailable: {
    status: 503,
    kind: 'request',
    mayPass: true,
    message: 'WhatsApp has trouble of its own and did not carry out the request. Try again shortly.',
  },
  whatsapp_rate_limited: {
    status: 429,
    kind: 'request',
    mayPass: true,
    message: 'WhatsApp asks for a pause: too many requests.',
  },
  whatsapp_timeout: {
    status: 504,
    kind: 'request',
    mayPass: true,
    message: 'WhatsApp did not answer in time, so the outcome is unknown. Repeating the request is safe.',
  },
  // A status that clients do not repeat by themselves: each repetition might make another group.
  group_unconfirmed: {
    status: 409,
    kind: 'request',
    message:
      'WhatsApp did not confirm the group in time, so it may exist or not. Look at /groups before creating it again.',
  },
  storage_failed: {
    status: 503,
    kind: 'request',
    mayPass: true,
    message:
      'This server cannot keep anything at the moment; whoever runs it finds out more in its log, under the requestId.',
  },
  internal: {
    status: 500,
    kind: 'request',
    mayPass: true,
    message: 'Something went wrong on our side. The log of this server tells more under the requestId.',
  },
} as const satisfies Record<string, Failure>;

export type ErrorCode = keyof typeof failures;

/** What the table says about a code. */
export const failureOf = (code: ErrorCode): Failure => failures[code];

/** All codes, in the order of the table. */
export const errorCodes = Object.keys(failures) as ErrorCode[];

interface GatewayErrorOptions {
  /** The sentence for the caller, in place of the table's. */
  message?: string;
  /** What happened underneath: for the log, never for the caller. */
  cause?: unknown;
  /** How long the caller should wait before repeating; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** Further members of the error body, such as WhatsApp's own code. */
  details?: Readonly<Record<string, unknown>>;
}

/** A failure with a code from the table: `message` is for the caller, `cause` for the log. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    { message, cause, retryAfterSeconds, details = {} }: GatewayErrorOptions = {},
  ) {
    super(message ?? failureOf(code).message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.details = details;
  }

  /** The HTTP status that says what happened (before the leniency of a refusal, which `http/` decides). */
  get status(): number {
    const { status, statusWhenRetryable } = failureOf(this.code);
    return this.retryAfterSeconds === undefined ? status : (statusWhenRetryable ?? status);
  }
}
