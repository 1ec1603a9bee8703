import { GatewayError } from '../errors.ts';
import { admit, brokenPicture } from './admit.ts';
import type { Header } from './header.ts';
import { jpegOf } from './jpeg.ts';
import { takesTooLong } from './limits.ts';
import type { PhotoOptions, RenderedPhoto } from './photo.ts';
import { type ReadablePart, readablePartOf } from './readable-part.ts';
import { fillSquare, type Layout, layoutOf, makeSmall, uprightSizeOf } from './square.ts';
import { warningsOf } from './warnings.ts';

/**
 * The square JPEG that a group shows, 640×640 and at most 100 kB: turned upright as its EXIF says, in sRGB, made square
 * and painted behind as `options` say, enlarged when it is smaller, without metadata. Of an animation the first frame.
 * An SVG is drawn at this size; nothing outside of it is read. What is left of a damaged JPEG or PNG is shown when it
 * is enough (`readablePartOf`).
 *
 * Errors: `picture_unreadable` (says which type was seen), `picture_too_large` (says how large it is).
 */
export async function renderGroupPhoto(
  source: Uint8Array,
  options: PhotoOptions = {},
): Promise<RenderedPhoto> {
  const { type, header } = await admit(source);
  const layout = layoutOf(options);
  try {
    const { jpeg, transparentShare, part } = await drawWhatIsReadable(source, header, layout);
    const warnings = warningsOf({ source, header, layout, part, transparentShare });
    return { jpeg, warnings, source: { type: header.type, ...uprightSizeOf(header) } };
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw isTimeout(error) ? takesTooLong(error) : brokenPicture(type, error);
  }
}

async function drawWhatIsReadable(source: Uint8Array, header: Header, layout: Layout) {
  try {
    return await draw(source, header, layout);
  } catch (error) {
    const part = isTimeout(error) ? undefined : await readablePartOf(source, header);
    if (part === undefined) throw error;
    return await draw(source, header, layout, part);
  }
}

async function draw(source: Uint8Array, header: Header, layout: Layout, part?: ReadablePart) {
  const small = await makeSmall(source, header, layout, part);
  const jpeg = await jpegOf(await fillSquare(small, layout));
  return { jpeg, part, transparentShare: small.transparentShare };
}

/** Source: sharp's `timeout`. */
const isTimeout = (error: unknown) => error instanceof Error && error.message.startsWith('timeout:');
