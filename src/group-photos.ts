/** What the groups of an instance show, what they showed, and changing it. */
import type { GroupId, PictureId, UserId } from './ids.ts';
import type { PhotoSize } from './whatsapp/whatsapp.ts';

/** A place in a line: changes of one group are made one after another, in the order in which they took their turns. */
export interface Turn extends Disposable {
  /** Resolves when all earlier turns of the same group are over. */
  readonly arrived: Promise<void>;
}

/** The photo that a group shows right now. */
export interface ShownPhoto {
  readonly id: PictureId;
  /** The JPEG. Errors: `whatsapp_timeout`, `whatsapp_unavailable`. */
  read(): Promise<Uint8Array>;
}

/** What is known of one photo of a group. */
export interface PhotoRecord {
  readonly id: PictureId;
  /** Who set it; `undefined` when nobody told us. */
  readonly setBy: UserId | undefined;
  /** As we were told, else as the id tells; `undefined` when neither does. */
  readonly setAt: Date | undefined;
  /** Whether it was set through this gateway. */
  readonly byUs: boolean;
  /** The photo that this one brought back. */
  readonly restores: PictureId | undefined;
  /** What the bytes are, kept or not; `undefined` while they were not seen. */
  readonly file:
    | {
        /** Hex. */
        readonly sha256: string;
        readonly sizeBytes: number;
        readonly width: number;
        readonly height: number;
      }
    | undefined;
}

/** The photos of the groups of one instance: what they show, what they showed, and changing them. */
export interface GroupPhotos {
  /**
   * Takes the next place in the line of a group's changes; disposing it lets the next one go on.
   * Errors: `rate_limited` when too many wait.
   */
  takeTurn(group: GroupId): Turn;
  /**
   * Makes the group show this JPEG; to be called once a turn has arrived. Resolves when it does: WhatsApp confirmed
   * it, or the outcome was looked up after the confirmation was lost, or the group showed exactly this photo already
   * (then WhatsApp is not asked to change it, unless `force`).
   * Errors: those of `WhatsApp.setGroupPhoto`.
   */
  set(
    group: GroupId,
    jpeg: Uint8Array,
    options?: { readonly force?: boolean | undefined },
  ): Promise<PictureId>;
  /** Leaves the group without a photo; to be called once a turn has arrived. Errors: as `set`. */
  remove(group: GroupId): Promise<void>;
  /**
   * What the group shows; `undefined` when it has no photo.
   * Errors: `group_not_found`, `not_group_member`, `whatsapp_*`, `not_connected`.
   */
  shown(group: GroupId, size: PhotoSize): Promise<ShownPhoto | undefined>;
  /** What is known of the photo that the group shows; `undefined` when it has none. Errors: as `shown`. */
  info(group: GroupId): Promise<PhotoRecord | undefined>;
  /** The photos that we set or saw, newest first. Needs no connection. */
  history(group: GroupId): Promise<readonly PhotoRecord[]>;
  /** The bytes of a photo of the history; `undefined` when they are not kept. Needs no connection. */
  past(group: GroupId, id: PictureId): Promise<Uint8Array | undefined>;
  /**
   * Goes back to what the group showed before its present photo, or to the photo `id` of the history; to be called
   * once a turn has arrived. Done again, it goes back one more. Resolves with the id of the photo that the group shows
   * now, `undefined` when it showed none before either.
   * Errors: `no_earlier_photo`; those of `set`.
   */
  undo(group: GroupId, id?: PictureId): Promise<PictureId | undefined>;
}
