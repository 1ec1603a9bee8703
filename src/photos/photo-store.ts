/** What the photos of the groups of one instance need kept. */

import type { PhotoRecord } from '../group-photos.ts';
import type { GroupId, PictureId, UserId } from '../ids.ts';

/** What the bytes of a photo are. */
export type PhotoFile = NonNullable<PhotoRecord['file']>;

/** What a group showed from some time on: a photo, or none. */
export interface PhotoChange {
  /** `undefined`: no photo. */
  readonly pictureId: PictureId | undefined;
  /** Who made the change; `undefined` when nobody told us. */
  readonly setBy: UserId | undefined;
  /** `undefined` when nobody told us. */
  readonly setAt: Date | undefined;
  /** Whether it was made through this gateway. */
  readonly byUs: boolean;
  /** The position of the entry that this change went back to. */
  readonly restores: number | undefined;
  /** What its bytes are, kept or not; `undefined` while they were not seen. */
  readonly file: PhotoFile | undefined;
}

/** A change as it is kept. */
export interface PhotoEntry extends PhotoChange {
  /** Its place among the changes of its group: later is larger, and no place is given twice. */
  readonly position: number;
}

/** Where the changes and the bytes are kept: of one instance, which must exist. */
export interface PhotoStore {
  /** What is kept of a group, oldest first. */
  entries(group: GroupId): Promise<readonly PhotoEntry[]>;
  /**
   * Keeps a change as the newest of its group, or completes what is kept of it already: the entry with the same
   * picture id, or the newest entry when neither that nor the change has a photo. Completing fills in what was not
   * known, and changes nothing else but `byUs`, which becomes true when either is. On the disk when it resolves, and as
   * a whole.
   *
   * `jpeg`: the bytes that `file` describes, kept once for all entries with the same `sha256`.
   * `keep`: how many photos of the group stay, with their bytes. What is older than the oldest of them goes; with 0, all
   * but the newest entry, and the bytes of that one, too.
   */
  add(
    group: GroupId,
    change: PhotoChange,
    options: { readonly jpeg: Uint8Array | undefined; readonly keep: number },
  ): Promise<void>;
  /** The bytes with this hash, when an entry of this instance keeps them. */
  bytes(sha256: string): Promise<Uint8Array | undefined>;
}
