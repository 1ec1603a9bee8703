/** A phone could not link a companion; the message says why, for whoever holds the phone. */
export class PairingError extends Error {
  override readonly name = 'PairingError';
}
