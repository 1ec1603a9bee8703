import type { PictureId, UserId } from '../ids.ts';
import type { GroupPhotoEvent, RemotePhoto } from '../whatsapp/whatsapp.ts';

/** What a change is judged by whose confirmation was lost. */
interface Evidence {
  /** What WhatsApp told of the group's photo since the change began, in that order. */
  readonly told: readonly Pick<GroupPhotoEvent, 'author' | 'pictureId'>[];
  /** Our own address, as `told` names us. */
  readonly us: UserId;
  /** What the group showed before; `undefined` when that is not known. */
  readonly before: { readonly photo: Pick<RemotePhoto, 'id'> | undefined } | undefined;
  /** What the group shows now, which is not what the change was to make of it. */
  readonly shown: Pick<RemotePhoto, 'id'> | undefined;
}

/**
 * The photo that we set before somebody else changed it again, as WhatsApp told; `undefined` when it did not.
 *
 * What comes late, and tells of an earlier change of ours, is known by its id: ids grow. What is shown, and is not ours
 * although WhatsApp says that we set it, was set with another device of the account.
 */
export function toldPhotoOfOurs({ told, us, before, shown }: Evidence): PictureId | undefined {
  if (!before || isUnchanged(before, shown)) return undefined;
  const { photo } = before;
  return told.findLast(
    ({ author, pictureId }) =>
      author === us &&
      pictureId !== undefined &&
      pictureId !== shown?.id &&
      (!photo || Number(pictureId) > Number(photo.id)),
  )?.pictureId;
}

/** Whether we removed the photo before somebody else set the one that is shown, as WhatsApp told. */
export const toldRemovalOfOurs = ({ told, us, before, shown }: Evidence): boolean =>
  before !== undefined &&
  !isUnchanged(before, shown) &&
  told.some(({ author, pictureId }) => author === us && pictureId === undefined);

/** A photo that is there again is a new one. */
const isUnchanged = ({ photo }: NonNullable<Evidence['before']>, shown: Evidence['shown']): boolean =>
  photo !== undefined && photo.id === shown?.id;
