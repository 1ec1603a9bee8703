import { GatewayError } from '../errors.ts';

/** `picture_unreadable`, with a sentence that says what was seen and what to do. */
export const unreadable = (message: string, cause?: unknown) =>
  new GatewayError('picture_unreadable', { message, cause });
