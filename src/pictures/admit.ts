import { type Header, readHeader } from './header.ts';
import { scanEndsOf } from './jpeg-scans.ts';
import { checkScans, checkSize, checkSvgBytes } from './limits.ts';
import { type FileType, sniff, svg } from './sniff.ts';
import { unreadable } from './unreadable.ts';

/**
 * Looks at a picture before any of its pixels are read, and lets in what can be rendered within the limits.
 * Errors: `picture_unreadable` (says which type was seen), `picture_too_large`.
 */
export async function admit(source: Uint8Array): Promise<{ type: FileType; header: Header }> {
  const type = sniff(source);
  if (!type?.isReadable) throw unreadable(`This is ${type?.name ?? 'not a picture'}; ${expectedTypes}`);
  if (type === svg) checkSvgBytes(source.length);
  const header = await readHeader(source).catch((error: unknown) => {
    throw brokenPicture(type, error);
  });
  checkSize(header);
  if (header.type === 'jpeg' && header.isProgressive) checkScans(scanEndsOf(source).length);
  return { type, header };
}

const expectedTypes = 'expected a picture: JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG.';

/** `picture_unreadable` for what begins like a picture. */
export const brokenPicture = (type: FileType, cause: unknown) =>
  unreadable(
    `This looks like ${type.name} but cannot be read: it is damaged, cut off or too complex.`,
    cause,
  );
