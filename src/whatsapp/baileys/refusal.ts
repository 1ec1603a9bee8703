import { type BinaryNode, getBinaryNodeChild } from 'baileys';
import { GatewayError } from '../../errors.ts';

/** The pause when WhatsApp names none: a provider advises at most one picture change in 10 s (green-api/issues 560). */
const defaultPauseSeconds = 10;

/** The longest pause that is believed. */
const longestPauseSeconds = 86_400;

/** WhatsApp's no to one of our requests, as it stands in the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** WhatsApp's numeric code; `undefined` when the answer carries none. */
  readonly code: number | undefined;
  /** The pause that WhatsApp asks for. */
  readonly backoffSeconds: number | undefined;

  /** From the `<error>` element, if there is one: an `<iq type="error">` without it is a no all the same. */
  constructor(error: BinaryNode | undefined) {
    super(error?.attrs.text ?? 'no reason given');
    this.code = numberFrom(error?.attrs.code);
    this.backoffSeconds = numberFrom(error?.attrs.backoff);
  }

  /** No judgement, but the word of a server that waited in vain for another one: the request may have been carried out. */
  get isTimeOut(): boolean {
    return this.code === 408 || this.code === 504;
  }
}

/** The no in an answer: `<iq type="error">`, or an `<error>` element in a result. `undefined` when it is a yes. */
export function refusalIn(answer: BinaryNode): Refusal | undefined {
  const error = getBinaryNodeChild(answer, 'error');
  return error !== undefined || answer.attrs.type === 'error' ? new Refusal(error) : undefined;
}

/**
 * What a refusal that is no time-out means to the caller when the request was not about one group: `whatsapp_rate_limited`,
 * `whatsapp_unavailable`, or `whatsapp_refused` with WhatsApp's own code and text. Other errors come back as they are.
 */
export function accountFailure(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  switch (error.code) {
    case 429:
    case 423: // "locked": WhatsApp Web treats it like 429, try again later
      return laterFailure('whatsapp_rate_limited', error);
    case 501: // "feature-not-implemented" does not pass by itself
      return failure('whatsapp_refused', error);
    default:
      return isServersTrouble(error)
        ? laterFailure('whatsapp_unavailable', error)
        : failure('whatsapp_refused', error);
  }
}

/**
 * What a refusal of a request about one group means: also `not_group_admin`, `not_group_member`, `group_not_found`.
 * Source of the codes: whatsmeow errors.go (401 no right to do this, 403 not in the group, 404 no such group).
 */
export function groupFailure(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  switch (error.code) {
    case 401:
      return failure('not_group_admin', error);
    case 403:
      return failure('not_group_member', error);
    case 404:
      return failure('group_not_found', error);
    default:
      return accountFailure(error);
  }
}

const isServersTrouble = ({ code = 0 }: Refusal): boolean => code >= 500 && code <= 599;

/** A failure for the caller that shows WhatsApp's own code and text; `message` stands in for the table's sentence. */
export const failure = (
  code: 'not_group_admin' | 'not_group_member' | 'group_not_found' | 'picture_refused' | 'whatsapp_refused',
  refusal: Refusal,
  message?: string,
): GatewayError =>
  new GatewayError(code, {
    cause: refusal,
    details: detailsOf(refusal),
    ...(message !== undefined && { message }),
  });

/** The same, for what WhatsApp may do after a pause. */
const laterFailure = (
  code: 'whatsapp_rate_limited' | 'whatsapp_unavailable',
  refusal: Refusal,
): GatewayError =>
  new GatewayError(code, {
    cause: refusal,
    retryAfterSeconds: Math.min(
      longestPauseSeconds,
      Math.max(1, refusal.backoffSeconds ?? defaultPauseSeconds),
    ),
    details: detailsOf(refusal),
  });

const detailsOf = ({ code, message }: Refusal) => ({ whatsappCode: code, whatsappText: message });

function numberFrom(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isNaN(number) ? undefined : number;
}
