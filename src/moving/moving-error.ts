/** Why an instance cannot move, in a sentence for whoever wants it to. */
export class MovingError extends Error {
  override readonly name = 'MovingError';
}
