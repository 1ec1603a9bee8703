import { errorCodes } from 'fastify';
import { GatewayError } from '../errors.ts';

/**
 * Whatever a route or Fastify raised, as one of our errors. What nobody declared is `internal`, with the error itself
 * as its cause.
 */
export function gatewayErrorFrom(
  error: unknown,
  { bodyBytes }: { readonly bodyBytes: number },
): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof errorCodes.FST_ERR_CTP_BODY_TOO_LARGE) {
    return new GatewayError('body_too_large', {
      message: `The body has more than the ${bodyBytes} bytes that this server takes. Send a smaller picture, or its URL.`,
      details: { limitBytes: bodyBytes },
    });
  }
  if (error instanceof errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE)
    return new GatewayError('unsupported_media_type');
  if (error instanceof errorCodes.FST_ERR_BAD_URL) {
    return new GatewayError('invalid_request', { message: 'The address is not a valid URL.' });
  }
  if (isBrokenOff(error)) {
    return new GatewayError('invalid_request', { message: 'The connection ended before the body did.' });
  }
  return new GatewayError('internal', { cause: error });
}

/** The client went away while it was sending; Fastify marks what happens to a body with a 400. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  'statusCode' in error &&
  error.statusCode === 400 &&
  'code' in error &&
  error.code === 'ECONNRESET';
