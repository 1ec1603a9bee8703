import { GatewayError } from './errors.ts';

/** How large a picture may be that a caller gives, in whatever form. */
export const maxPictureBytes = 16 * 2 ** 20;

/** `picture_too_large`, naming the limit. */
export const pictureTooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('picture_too_large', {
    message: `The picture has more than ${Number((maxBytes / 2 ** 20).toFixed(1))} MiB. Send a smaller one.`,
  });
