import { createHash } from 'node:crypto';
import type { GroupId, PictureId } from '../ids.ts';
import type { GroupPhotoEvent, RemotePhoto } from '../whatsapp/whatsapp.ts';
import type { PhotoChange, PhotoEntry, PhotoFile, PhotoStore } from './photo-store.ts';

/** Reads the width and height of a JPEG from its header; `undefined` when it is none. */
export type SizeOf = (jpeg: Uint8Array) => { readonly width: number; readonly height: number } | undefined;

/** The JPEG behind what WhatsApp told of a photo. */
export type ReadPhoto = (
  source: RemotePhoto['source'],
  options?: { readonly signal?: AbortSignal | undefined },
) => Promise<Uint8Array>;

const nothingKnown = {
  setBy: undefined,
  setAt: undefined,
  byUs: false,
  restores: undefined,
  file: undefined,
};

/** What is known of the photos of one instance's groups, and how it comes to be known. */
export class PhotoBook {
  readonly #store: PhotoStore;
  readonly #keep: number;
  readonly #readPhoto: ReadPhoto;
  readonly #sizeOf: SizeOf;

  constructor({
    store,
    keep,
    readPhoto,
    sizeOf,
  }: {
    store: PhotoStore;
    /** How many photos are kept of each group; with 0, there is no history. */
    keep: number;
    readPhoto: ReadPhoto;
    sizeOf: SizeOf;
  }) {
    this.#store = store;
    this.#keep = keep;
    this.#readPhoto = readPhoto;
    this.#sizeOf = sizeOf;
  }

  get keepsHistory(): boolean {
    return this.#keep > 0;
  }

  /** What is known of a group, oldest first. */
  entries(group: GroupId): Promise<readonly PhotoEntry[]> {
    return this.#store.entries(group);
  }

  /** What is known of one photo of a group. */
  async entry(group: GroupId, id: PictureId): Promise<PhotoEntry | undefined> {
    return (await this.entries(group)).find(({ pictureId }) => pictureId === id);
  }

  /** The kept bytes of a photo. */
  async bytesOf({ file }: PhotoEntry): Promise<Uint8Array | undefined> {
    return this.keepsHistory && file ? this.#store.bytes(file.sha256) : undefined;
  }

  /** We made a group show this JPEG, or, without it, no photo. */
  async made(
    group: GroupId,
    change: Pick<PhotoChange, 'pictureId' | 'setBy' | 'setAt' | 'restores'>,
    jpeg: Uint8Array | undefined,
  ): Promise<void> {
    await this.#add(group, { ...change, byUs: true, file: jpeg && this.#describe(jpeg) }, jpeg);
  }

  /** WhatsApp told of a change, somebody else's or ours. */
  async told({ group, pictureId, author, at }: GroupPhotoEvent): Promise<void> {
    await this.#add(group, { ...nothingKnown, pictureId, setBy: author, setAt: at });
  }

  /** This is what the group shows; resolves with its entry. */
  async saw(group: GroupId, shown: { readonly id: PictureId } | undefined): Promise<PhotoEntry> {
    const isThis = ({ pictureId }: PhotoEntry) => pictureId === shown?.id;
    const entries = await this.entries(group);
    const known = shown ? entries.find(isThis) : entries.slice(-1).find(isThis);
    if (known) return known;
    const change = { ...nothingKnown, pictureId: shown?.id };
    await this.#add(group, change);
    // Where others have pushed it out already, it is older than all of them.
    return (await this.entries(group)).findLast(isThis) ?? { ...change, position: 0 };
  }

  /**
   * Downloads a photo that the group shows, and keeps its bytes if there is a history; `undefined` when it is no JPEG.
   * Errors: those of `readPhoto`.
   */
  async read(
    group: GroupId,
    { id, source }: RemotePhoto,
    signal?: AbortSignal,
  ): Promise<PhotoFile | undefined> {
    return this.keep(group, id, await this.#readPhoto(source, { signal }));
  }

  /** The same with bytes that were downloaded already. */
  async keep(group: GroupId, id: PictureId, jpeg: Uint8Array): Promise<PhotoFile | undefined> {
    const file = this.#describe(jpeg);
    if (file) await this.#add(group, { ...nothingKnown, pictureId: id, file }, jpeg);
    return file;
  }

  async #add(group: GroupId, change: PhotoChange, jpeg?: Uint8Array): Promise<void> {
    await this.#store.add(group, change, { jpeg, keep: this.#keep });
  }

  #describe(jpeg: Uint8Array): PhotoFile | undefined {
    const size = this.#sizeOf(jpeg);
    return size && { sha256: sha256Of(jpeg), sizeBytes: jpeg.length, ...size };
  }
}

/** Hex. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
