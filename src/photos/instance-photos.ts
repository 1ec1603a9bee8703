import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { type GroupId, type PictureId, type UserId, userIdOfPhone } from '../ids.ts';
import type { GroupPhotos, PhotoRecord, ShownPhoto, Turn } from '../operation.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { GroupPhotoEvent, Me, PhotoSize, RemotePhoto, WhatsApp } from '../whatsapp/whatsapp.ts';
import { type Change, confirmedChange } from './confirmed-change.ts';
import { PhotoBook, type ReadPhoto, type SizeOf, sha256Of } from './photo-book.ts';
import { PhotoFetches } from './photo-fetches.ts';
import { recordOf } from './photo-record.ts';
import type { PhotoEntry, PhotoStore } from './photo-store.ts';
import { TimeLimit } from './time-limit.ts';
import { TurnLines } from './turn-lines.ts';
import { entryBefore } from './undo.ts';

export interface InstancePhotosOptions {
  /**
   * The verbs of the session, which outlast a reconnect; waits up to `patienceMs` for one that is about to be online.
   * Errors: `not_connected`, with `retryAfterSeconds` while it comes back by itself.
   */
  readonly connected: (patienceMs?: number) => Promise<WhatsApp>;
  readonly store: PhotoStore;
  /** How many photos of each group are kept with their bytes; 0: there is no history. */
  readonly keep: number;
  readonly readPhoto: ReadPhoto;
  /** Whether two JPEGs show the same picture, though WhatsApp compressed one of them again. */
  readonly showSamePicture: (one: Uint8Array, other: Uint8Array) => Promise<boolean>;
  readonly sizeOf: SizeOf;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a change may take, with all that is done to learn its outcome. */
  readonly changeLimitMs?: number;
}

/** Less than the minute after which callers and proxies tend to give up. */
const defaultChangeLimitMs = 45_000;

/** How long a look at what the group shows may keep a change waiting: it is a help, not a condition. */
const lookLimitMs = 5_000;

/** The photos of the groups of one instance. Disposing ends all waiting at once. */
export class InstancePhotos implements GroupPhotos, AsyncDisposable {
  readonly #options: InstancePhotosOptions;
  readonly #lines: TurnLines;
  readonly #book: PhotoBook;
  readonly #fetches: PhotoFetches;
  readonly #stopping = new AbortController();
  #me: Me | undefined;
  /** The groups whose photo we are changing; resolves when that is done and noted. */
  readonly #changing = new Map<GroupId, Promise<void>>();

  constructor(options: InstancePhotosOptions) {
    this.#options = options;
    this.#lines = new TurnLines(options);
    this.#book = new PhotoBook(options);
    this.#fetches = new PhotoFetches(options);
  }

  takeTurn(group: GroupId): Turn {
    return this.#lines.take(group);
  }

  async set(
    group: GroupId,
    jpeg: Uint8Array,
    { force = false }: { readonly force?: boolean | undefined } = {},
  ): Promise<PictureId> {
    return this.#show(group, jpeg, { force, restores: undefined });
  }

  async remove(group: GroupId): Promise<void> {
    await this.#showNone(group, undefined);
  }

  async shown(group: GroupId, size: PhotoSize): Promise<ShownPhoto | undefined> {
    const photo = await (await this.#connected()).groupPhoto(group, size);
    return photo && { id: photo.id, read: () => this.#options.readPhoto(photo.source) };
  }

  async info(group: GroupId): Promise<PhotoRecord | undefined> {
    const photo = await (await this.#connected()).groupPhoto(group, 'full');
    if (!photo) return undefined;
    const entry = await this.#book.saw(group, photo);
    const file = entry.file ?? (await this.#book.read(group, photo));
    return recordOf({ ...entry, file }, await this.#book.entries(group), this.#options.clock.now());
  }

  async history(group: GroupId): Promise<readonly PhotoRecord[]> {
    if (!this.#book.keepsHistory) return [];
    const entries = await this.#book.entries(group);
    const now = this.#options.clock.now();
    return entries
      .map((entry) => recordOf(entry, entries, now))
      .filter((record) => record !== undefined)
      .reverse();
  }

  async past(group: GroupId, id: PictureId): Promise<Uint8Array | undefined> {
    const entry = await this.#book.entry(group, id);
    return entry && this.#book.bytesOf(entry);
  }

  async undo(group: GroupId, id?: PictureId): Promise<PictureId | undefined> {
    if (!this.#book.keepsHistory) {
      throw new GatewayError('no_earlier_photo', {
        message: 'This gateway keeps no earlier photos: its history is switched off (POMBO_PHOTO_HISTORY=0).',
      });
    }
    const earlier = id === undefined ? await this.#before(group) : await this.#book.entry(group, id);
    if (earlier && earlier.pictureId === undefined) {
      await this.#showNone(group, earlier.position);
      return undefined;
    }
    const jpeg = earlier && (await this.#book.bytesOf(earlier));
    if (jpeg) return this.#show(group, jpeg, { force: false, restores: earlier.position });
    const missing = id ?? earlier?.pictureId;
    throw new GatewayError('no_earlier_photo', {
      ...(missing && {
        message: `The photo ${missing.slice(0, 64)} of this group is not kept here; those that are have their sha256 in group-photo/{groupId}/history.`,
      }),
    });
  }

  /** A group's photo was changed, by somebody else or by us. */
  heard(event: GroupPhotoEvent): void {
    if (this.#stopping.signal.aborted) return;
    const { group, pictureId } = event;
    const noted = this.#note(() => this.#book.told({ ...event, author: this.#addressOf(event.author) }));
    if (pictureId === undefined || !this.#book.keepsHistory) return;
    this.#fetches.add(async () => {
      await noted;
      await this.#fetch(group, pictureId);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new GatewayError('not_connected', { retryAfterSeconds: 1 })); // the next process takes over
    await this.#fetches.end();
  }

  async #show(
    group: GroupId,
    jpeg: Uint8Array,
    { force, restores }: { force: boolean; restores: number | undefined },
  ): Promise<PictureId> {
    return this.#change(group, async ({ whatsapp, before, confirmed }) => {
      if (!force && before?.photo && before.entry.file?.sha256 === sha256Of(jpeg)) return before.photo.id;
      const pictureId = await confirmed({
        make: (live) => live.setGroupPhoto(group, jpeg),
        find: async (live) => {
          const photo = await live.groupPhoto(group, 'full');
          const isNew = photo !== undefined && photo.id !== before?.photo?.id;
          return isNew && (await this.#shows(photo, jpeg)) ? { outcome: photo.id } : undefined;
        },
      });
      await this.#noteOurs(group, { pictureId, restores, setBy: userIdOfPhone(whatsapp.me.phone) }, jpeg);
      return pictureId;
    });
  }

  async #showNone(group: GroupId, restores: number | undefined): Promise<void> {
    return this.#change(group, async ({ whatsapp, confirmed }) => {
      // Also when there is none: whoever may not remove it is told.
      await confirmed({
        make: (live) => live.removeGroupPhoto(group),
        find: async (live) =>
          (await live.groupPhoto(group, 'preview')) ? undefined : { outcome: undefined },
      });
      await this.#noteOurs(group, {
        pictureId: undefined,
        restores,
        setBy: userIdOfPhone(whatsapp.me.phone),
      });
    });
  }

  /** Does `work` to a group's photo, knowing what the group shows as far as that could be learnt in time. */
  async #change<Result>(
    group: GroupId,
    work: (state: {
      readonly whatsapp: WhatsApp;
      readonly before: Shown | undefined;
      readonly confirmed: <Outcome>(change: Change<Outcome>) => Promise<Outcome>;
    }) => Promise<Result>,
  ): Promise<Result> {
    const { changeLimitMs = defaultChangeLimitMs } = this.#options;
    const connected = (patienceMs?: number) => this.#connected(patienceMs);
    using limit = this.#limit(changeLimitMs);
    const { promise: changed, resolve } = Promise.withResolvers<void>();
    this.#changing.set(group, changed);
    try {
      const whatsapp = await connected();
      const before = await this.#look(whatsapp, group);
      return await work({
        whatsapp,
        before,
        confirmed: (change) => confirmedChange(change, { connected, limit }),
      });
    } finally {
      this.#changing.delete(group);
      resolve();
    }
  }

  /** What a group shows before a change of it; `undefined` when that cannot be learnt in time. */
  async #look(whatsapp: WhatsApp, group: GroupId): Promise<Shown | undefined> {
    using limit = this.#limit(lookLimitMs);
    try {
      const photo = await limit.within(() => whatsapp.groupPhoto(group, 'full'));
      return { photo, entry: await this.#remember(group, photo, limit) };
    } catch (error) {
      this.#options.logger.warn({ err: error, group }, 'What a group shows could not be looked at');
      return undefined;
    }
  }

  /** The entry of what a group shows, with its bytes kept if there is a history and they can be had in time. */
  async #remember(group: GroupId, photo: RemotePhoto | undefined, limit: TimeLimit): Promise<PhotoEntry> {
    const entry = await this.#book.saw(group, photo);
    if (!photo || entry.file || !this.#book.keepsHistory) return entry;
    try {
      return { ...entry, file: await limit.within(() => this.#book.read(group, photo, limit.signal)) };
    } catch (error) {
      this.#options.logger.warn({ err: error, group }, 'A photo could not be fetched for the history');
      return entry;
    }
  }

  /** What the group showed before its present photo. */
  async #before(group: GroupId): Promise<PhotoEntry | undefined> {
    using limit = this.#limit(lookLimitMs);
    const photo = await (await this.#connected()).groupPhoto(group, 'full');
    const present = await this.#remember(group, photo, limit);
    return entryBefore(await this.#book.entries(group), present);
  }

  /** Whether this photo shows the same as our JPEG. When that cannot be seen, it does not count as ours. */
  async #shows(photo: RemotePhoto, jpeg: Uint8Array): Promise<boolean> {
    const { readPhoto, showSamePicture, logger } = this.#options;
    try {
      const shown = await readPhoto(photo.source);
      return sha256Of(shown) === sha256Of(jpeg) || (await showSamePicture(shown, jpeg));
    } catch (error) {
      logger.warn({ err: error, photo: photo.id }, 'A photo could not be compared with ours');
      return false;
    }
  }

  /** Fetches a photo that we heard of, unless its bytes are known or the group shows another one by now. */
  async #fetch(group: GroupId, id: PictureId): Promise<void> {
    const { signal } = this.#stopping;
    await unlessAborted(async () => this.#changing.get(group), signal); // it may be our own photo
    const entry = await this.#book.entry(group, id);
    if (!entry || entry.file) return;
    const whatsapp = await unlessAborted(() => this.#connected(), signal);
    const photo = await unlessAborted(() => whatsapp.groupPhoto(group, 'full'), signal);
    if (photo?.id === id) await this.#book.read(group, photo, signal);
  }

  async #noteOurs(
    group: GroupId,
    change: { pictureId: PictureId | undefined; restores: number | undefined; setBy: UserId },
    jpeg?: Uint8Array,
  ): Promise<void> {
    const setAt = this.#options.clock.now();
    await this.#note(() => this.#book.made(group, { ...change, setAt }, jpeg));
  }

  /** What WhatsApp has done is done, whether or not it can be written down. */
  async #note(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'The photo of a group could not be noted');
    }
  }

  /** Ourselves by phone number, as in what we note: the news of our change may come before its confirmation. */
  #addressOf(author: UserId | undefined): UserId | undefined {
    return this.#me?.lid && author === this.#me.lid ? userIdOfPhone(this.#me.phone) : author;
  }

  async #connected(patienceMs?: number): Promise<WhatsApp> {
    const whatsapp = await this.#options.connected(patienceMs);
    this.#me = whatsapp.me;
    return whatsapp;
  }

  #limit(limitMs: number): TimeLimit {
    return new TimeLimit({ clock: this.#options.clock, limitMs, stopping: this.#stopping.signal });
  }
}

/** What a group shows, and what is known of it. */
interface Shown {
  readonly photo: RemotePhoto | undefined;
  readonly entry: PhotoEntry;
}
