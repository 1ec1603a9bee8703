import { errorCodes } from 'fastify';
import { GatewayError } from '../errors.ts';

/**
 * Whatever a route or Fastify raised, as one of our errors. What nobody declared is `internal`, with the error itself
 * as its cause.
 */
export function gatewayErrorFrom(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof errorCodes.FST_ERR_BAD_URL) {
    return new GatewayError('invalid_request', { message: 'The address is not a valid URL.' });
  }
  return new GatewayError('internal', { cause: error });
}
