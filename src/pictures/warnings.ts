import { externalReferenceOf } from './external-references.ts';
import type { Header } from './header.ts';
import { type PhotoWarning, warningCodes } from './photo.ts';
import type { ReadablePart } from './readable-part.ts';
import { type Layout, scaleOf, sidePx, uprightSizeOf } from './square.ts';

/** What is known of a photo that was made. */
interface Facts {
  readonly source: Uint8Array;
  readonly header: Header;
  readonly layout: Layout;
  /** What could be read of a damaged picture. */
  readonly part: ReadablePart | undefined;
  /** Of the photo, from 0 to 1. */
  readonly transparentShare: number;
}

/** What the sender of a picture may not expect of its photo, the gravest first. */
export const warningsOf = (facts: Facts): PhotoWarning[] =>
  warningCodes.flatMap((code) => {
    const message = sentences[code](facts);
    return message === undefined ? [] : [{ code, message }];
  });

/** The sentence for each warning; `undefined` where there is nothing to say. */
const sentences: Readonly<Record<PhotoWarning['code'], (facts: Facts) => string | undefined>> = {
  damaged({ part, header }) {
    if (part === undefined) return undefined;
    return part === 'coarse'
      ? 'The picture is damaged or cut off: all of it is shown, but details are missing.'
      : `The picture is damaged or cut off: only the first ${part.lines} of its ${header.height} lines can be read, and they are shown.`;
  },

  external_reference_ignored({ source, header }) {
    const reference = header.type === 'svg' ? externalReferenceOf(source) : undefined;
    if (reference === undefined) return undefined;
    const shown = reference.length > 60 ? `${reference.slice(0, 60)}…` : reference;
    return `The SVG refers to something outside of it (${shown}), which is not read. Put it into the SVG as a data URI.`;
  },

  cropped({ header, part, layout }) {
    const { width, height } = uprightSizeOf(header, part);
    if (layout.fit !== 'cover' || width === height) return undefined;
    const side = Math.min(width, height);
    const where = partShown(width > height, layout.position);
    return `The picture is ${width}×${height}; the ${where} ${side}×${side} are shown.`;
  },

  padded({ header, part, layout: { fit, background } }) {
    const { width, height } = uprightSizeOf(header, part);
    if (fit === 'cover' || width === height) return undefined;
    const shownPx = Math.max(1, Math.round(Math.min(width, height) * scaleOf({ width, height }, fit)));
    const side = width > height ? 'height' : 'width';
    const filling = fit === 'blur' ? 'the blurred picture itself' : background;
    return `The picture is ${width}×${height}; ${sidePx - shownPx} of the ${sidePx} px of the photo's ${side} are filled with ${filling}.`;
  },

  enlarged({ header, part, layout: { fit } }) {
    const scale = scaleOf(uprightSizeOf(header, part), fit);
    if (header.type === 'svg' || scale <= 1) return undefined;
    return `The picture is enlarged from ${Math.round(sidePx / scale)} px to ${sidePx} px, so it may look blurred.`;
  },

  transparency_painted({ transparentShare, layout }) {
    if (transparentShare === 0) return undefined;
    const percent = Math.max(1, Math.round(transparentShare * 100));
    return `${percent} % of the photo was transparent and is painted ${layout.background}.`;
  },

  first_frame_only: ({ header: { frames } }) =>
    frames > 1 ? `The picture has ${frames} frames or pages; the first one is shown.` : undefined,
};

/** In words, which part of a picture that is not square `cover` shows. */
function partShown(isWide: boolean, position: Layout['position']): string {
  if (position === 'attention') return 'most striking';
  if (isWide) return position.endsWith('west') ? 'left' : position.endsWith('east') ? 'right' : 'central';
  return position.startsWith('north') ? 'upper' : position.startsWith('south') ? 'lower' : 'central';
}
