/** What becomes of a picture that shall be the photo of a group. */

export const fits = ['cover', 'contain', 'blur'] as const;
export const positions = [
  'centre',
  'attention',
  'north',
  'northeast',
  'east',
  'southeast',
  'south',
  'southwest',
  'west',
  'northwest',
] as const;

/** What is meant where nothing is said. */
export const photoDefaults = { fit: 'cover', position: 'centre', background: '#ffffff' } as const;

/** How a picture that is not square becomes square. */
export interface PhotoOptions {
  /**
   * `cover` (the default) crops what is too long; `contain` keeps the whole picture and fills the rest with
   * `background`; `blur` fills the rest with the picture itself, enlarged and blurred.
   */
  readonly fit?: (typeof fits)[number] | undefined;
  /** Which part of the picture `cover` keeps (`attention`: where the eye goes first), or where `contain` and `blur` put it. Default: `centre`. */
  readonly position?: (typeof positions)[number] | undefined;
  /** `#rgb` or `#rrggbb`: what is behind a transparent picture, and around one with `contain`. Default: white. */
  readonly background?: string | undefined;
}

/** What a photo may be warned of, the gravest first. */
/** The gravest first. */
export const warningCodes = [
  'damaged',
  'external_reference_ignored',
  'cropped',
  'padded',
  'enlarged',
  'transparency_painted',
  'first_frame_only',
] as const;

/**
 * Something about a photo that its sender may not expect. `transparency_painted` is said when something of the photo is
 * transparent indeed; an SVG is never `enlarged`, because it is drawn at any size.
 */
export interface PhotoWarning {
  readonly code: (typeof warningCodes)[number];
  /** A sentence with the numbers: `The picture is 1200×800; the central 800×800 are shown.` */
  readonly message: string;
}

/** A photo that is ready to be sent. */
export interface RenderedPhoto {
  /** 640×640, at most 100 kB, sRGB, without metadata. */
  readonly jpeg: Uint8Array;
  readonly warnings: readonly PhotoWarning[];
  /** The picture it was made from: its type (`jpeg`, `png`, `webp`, `gif`, `avif`, `tiff`, `svg`) and its size as it is seen (turned upright). */
  readonly source: { readonly type: string; readonly width: number; readonly height: number };
}
