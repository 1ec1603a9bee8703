import sharp from 'sharp';
import { StanzaError } from '../stanza.ts';
import type { PictureLimits } from './picture-limits.ts';

/**
 * The size in pixels of what a client sent as a picture.
 *
 * Throws `StanzaError` 406 for what is no whole JPEG (whatsmeow group.go: ErrInvalidImageFormat) or exceeds the limits.
 */
export async function checkPicture(
  bytes: Buffer,
  { maxBytes, maxSidePx }: PictureLimits,
): Promise<{ width: number; height: number }> {
  const startsAsJpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  if (!startsAsJpeg || bytes.length > maxBytes) throw new StanzaError(406);
  const { width, height } = await readable(sharp(bytes).metadata());
  if (width > maxSidePx || height > maxSidePx) throw new StanzaError(406);
  // The header alone would let a file pass that was cut off after it; decoding, if to a few pixels, reads to the end.
  await readable(sharp(bytes).resize(8, 8).raw().toBuffer());
  return { width, height };
}

/** What libvips made of the bytes; whatever it complains about is the picture's fault. */
const readable = <Result>(decoding: Promise<Result>): Promise<Result> =>
  decoding.catch(() => {
    throw new StanzaError(406);
  });
