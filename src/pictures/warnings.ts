import { externalReferenceOf } from './external-references.ts';
import type { Header } from './header.ts';
import type { PhotoOptions, PhotoWarning } from './photo.ts';
import type { ReadablePart } from './readable-part.ts';
import { defaultPhoto, scaleOf, sidePx, uprightSizeOf } from './square.ts';

interface Facts {
  readonly source: Uint8Array;
  readonly header: Header;
  readonly options: PhotoOptions;
  /** What could be read of a damaged picture. */
  readonly part: ReadablePart | undefined;
  /** Of the photo, from 0 to 1. */
  readonly transparentShare: number;
}

/** What the sender of a picture may not expect of its photo, the gravest first. */
export function warningsOf({ source, header, options, part, transparentShare }: Facts): PhotoWarning[] {
  const { fit = defaultPhoto.fit, background = defaultPhoto.background } = options;
  const { type, frames } = header;
  const size = uprightSizeOf(header, part);
  const [shorter, longer] = [Math.min(size.width, size.height), Math.max(size.width, size.height)];
  const warnings: PhotoWarning[] = [];
  const warn = (code: PhotoWarning['code'], message: string) => warnings.push({ code, message });

  if (part === 'coarse') {
    warn('damaged', 'The picture is damaged or cut off: all of it is shown, but details are missing.');
  } else if (part) {
    const lines = `the first ${part.lines} of its ${header.height} lines`;
    warn('damaged', `The picture is damaged or cut off: only ${lines} can be read, and they are shown.`);
  }
  const reference = type === 'svg' ? externalReferenceOf(source) : undefined;
  if (reference !== undefined) {
    const shown = reference.length > 60 ? `${reference.slice(0, 60)}…` : reference;
    warn(
      'external_reference_ignored',
      `The SVG refers to something outside of it (${shown}), which is not read. Put it into the SVG as a data URI.`,
    );
  }
  if (shorter !== longer && fit === 'cover') {
    warn(
      'cropped',
      `The picture is ${size.width}×${size.height}; the ${partShown(size, options)} ${shorter}×${shorter} are shown.`,
    );
  } else if (shorter !== longer) {
    const paddedPx = sidePx - Math.max(1, Math.round(shorter * scaleOf(size, fit)));
    const filling = fit === 'blur' ? 'the blurred picture itself' : background;
    warn(
      'padded',
      `The picture is ${size.width}×${size.height}; ${paddedPx} of the ${sidePx} px of the photo's ${size.width > size.height ? 'height' : 'width'} are filled with ${filling}.`,
    );
  }
  if (type !== 'svg' && scaleOf(size, fit) > 1) {
    const fromPx = fit === 'cover' ? shorter : longer;
    warn('enlarged', `The picture is enlarged from ${fromPx} px to ${sidePx} px, so it may look blurred.`);
  }
  if (transparentShare > 0) {
    const percent = Math.max(1, Math.round(transparentShare * 100));
    warn('transparency_painted', `${percent} % of the photo was transparent and is painted ${background}.`);
  }
  if (frames > 1) {
    warn('first_frame_only', `The picture has ${frames} frames or pages; the first one is shown.`);
  }
  return warnings;
}

/** In words, which part of a picture that is not square `cover` shows. */
function partShown(size: { width: number; height: number }, { position = 'centre' }: PhotoOptions): string {
  if (position === 'attention') return 'most striking';
  if (size.width > size.height) {
    return position.endsWith('west') ? 'left' : position.endsWith('east') ? 'right' : 'central';
  }
  return position.startsWith('north') ? 'upper' : position.startsWith('south') ? 'lower' : 'central';
}
