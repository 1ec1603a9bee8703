/**
 * Why the data directory cannot be used: a sentence for whoever starts the gateway, what happened underneath as
 * `cause`.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
