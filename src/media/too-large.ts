import { GatewayError } from '../errors.ts';

/** `picture_too_large`, naming the limit. */
export const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('picture_too_large', {
    message: `The picture has more than ${Number((maxBytes / 2 ** 20).toFixed(1))} MiB. Send a smaller one.`,
  });
