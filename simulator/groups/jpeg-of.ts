import sharp from 'sharp';

/** For tests: a JPEG of this size in pixels and of one colour; square unless it has a height. */
export const jpegOf = (width: number, height = width, background = '#25d366'): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
