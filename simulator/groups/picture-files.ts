import sharp from 'sharp';
import type { GroupBook } from './group-book.ts';

/** The sizes in which a picture is offered: as it was sent, or small. */
export type PictureSize = 'image' | 'preview';

/**
 * The JPEG behind a picture's URL; `undefined` when no picture ever had this id.
 *
 * `image` is what was sent, byte for byte unless pictures are `recompressed`; `preview` fits into 96×96. Replaced and
 * removed pictures are still served: whoever was told a URL may follow it late.
 */
export async function servedPicture(
  groups: GroupBook,
  pictureId: string,
  size: PictureSize,
): Promise<Buffer | undefined> {
  const picture = groups.pictureById(pictureId);
  if (!picture) return undefined;
  if (size === 'preview') {
    return sharp(picture.jpeg).resize(96, 96, { fit: 'inside', withoutEnlargement: true }).jpeg().toBuffer();
  }
  return groups.pictureHabits.recompressed
    ? sharp(picture.jpeg).jpeg({ quality: 60 }).toBuffer()
    : picture.jpeg;
}
