import { errorCodes } from 'fastify';
import { GatewayError } from '../errors.ts';
import { StorageError } from '../storage-error.ts';

/**
 * Whatever a route, the storage or Fastify raised, as one of our errors. What nobody declared is `internal`, with the
 * error itself as its cause.
 */
export function gatewayErrorFrom(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof errorCodes.FST_ERR_BAD_URL) {
    return new GatewayError('invalid_request', { message: 'The address is not a valid URL.' });
  }
  // What it says is for whoever runs the gateway: it names folders.
  if (error instanceof StorageError) return new GatewayError('storage_failed', { cause: error });
  return new GatewayError('internal', { cause: error });
}
