import { failureOf, type GatewayError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { Handling } from './services.ts';

/** What goes back for a failure. */
export interface FailureAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text where Z-API answers with the bare sentence. */
  readonly body: Readonly<Record<string, unknown>> | string;
}

/**
 * Turns an error into an answer: `{error, code, requestId}`, the operation's own word for failure (`value` or
 * `success` false) and the error's details.
 *
 * A refusal by WhatsApp is answered inside a 200 where that is the documented form (`canAnswerInside200`) and handling
 * is lenient. Everything else has the status of the error.
 */
export function failureAnswer(
  error: GatewayError,
  context: {
    readonly operation: Operation | undefined;
    readonly handling: Handling;
    readonly requestId: string;
  },
): FailureAnswer {
  const { operation, handling, requestId } = context;
  const denial = operation ? denialOf(operation) : undefined;
  const isInside200 =
    operation !== undefined &&
    canAnswerInside200(operation) &&
    handling === 'lenient' &&
    failureOf(error.code).kind === 'refusal';
  return {
    status: isInside200 ? 200 : error.status,
    headers: {
      ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(error.retryAfterSeconds !== undefined && {
        'retry-after': String(Math.ceil(error.retryAfterSeconds)),
      }),
    },
    body: operation?.bareErrors?.includes(error.code)
      ? error.message
      : { error: error.message, code: error.code, requestId, ...denial, ...error.details },
  };
}

/** Whether lenient handling means anything to an operation: one of Z-API's, whose success is a boolean. */
export const canAnswerInside200 = (operation: Operation): boolean =>
  !operation.isExtension && denialOf(operation) !== undefined;

/** What says "no" in the body, for operations whose success is `{value: true}` or `{success: true}`. */
export function denialOf(operation: Operation): { value: false } | { success: false } | undefined {
  const properties: { readonly [name: string]: { readonly type?: string } } =
    operation.output.properties ?? {};
  if (properties.value?.type === 'boolean') return { value: false };
  if (properties.success?.type === 'boolean') return { success: false };
  return undefined;
}
