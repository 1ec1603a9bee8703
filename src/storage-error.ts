/**
 * Why the data directory, or what somebody wants of it, cannot be used: a sentence for whoever runs the gateway, what
 * happened underneath as `cause`.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
