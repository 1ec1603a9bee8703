import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { GroupPhotos, PhotoRecord, ShownPhoto, Turn } from '../group-photos.ts';
import { type GroupId, type PictureId, type UserId, userIdOfPhone } from '../ids.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { GroupPhotoEvent, Me, PhotoSize, RemotePhoto, WhatsApp } from '../whatsapp/whatsapp.ts';
import { type Change, confirmedChange } from './confirmed-change.ts';
import { PhotoBook, type ReadPhoto, type SizeOf, sha256Of } from './photo-book.ts';
import { PhotoFetches } from './photo-fetches.ts';
import { recordOf, setAtFrom } from './photo-record.ts';
import type { PhotoEntry, PhotoStore } from './photo-store.ts';
import { TimeLimit } from './time-limit.ts';
import { toldPhotoOfOurs, toldRemovalOfOurs } from './told-of-ours.ts';
import { TurnLines } from './turn-lines.ts';
import { entriesBefore } from './undo.ts';

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
  /** The groups whose photo we are changing. */
  readonly #changing = new Map<GroupId, ChangeUnderWay>();

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
    const earlier = id === undefined ? await this.#before(group) : await this.#named(group, id);
    for (const entry of earlier) {
      if (entry.pictureId === undefined) {
        await this.#showNone(group, entry.position);
        return undefined;
      }
      // One without bytes is passed over: it would stand in the way of all that came before it.
      const jpeg = await this.#book.bytesOf(entry);
      if (jpeg) return this.#show(group, jpeg, { force: false, restores: entry.position });
    }
    throw new GatewayError('no_earlier_photo', {
      ...(id && {
        message: `The bytes of the photo ${id.slice(0, 64)} of this group are not kept here; photos whose bytes are have their sha256 in group-photo/{groupId}/history.`,
      }),
    });
  }

  /** A group's photo was changed, by somebody else or by us. */
  heard(event: GroupPhotoEvent): void {
    if (this.#stopping.signal.aborted) return;
    const { group, pictureId } = event;
    const told = { ...event, author: this.#addressOf(event.author) };
    this.#changing.get(group)?.told.push(told);
    const noted = this.#note(() => this.#book.told(told));
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
    return this.#change(group, async ({ whatsapp, before, told, confirmed }) => {
      const us = userIdOfPhone(whatsapp.me.phone);
      const noteOurs = (pictureId: PictureId) =>
        this.#noteOurs(group, { pictureId, restores, setBy: us }, jpeg);
      if (!force && before?.photo && before.entry.file?.sha256 === sha256Of(jpeg)) {
        const { photo, entry } = before;
        await this.#note(async () => {
          if (!entry.byUs && (await this.#isSetByUs(group, entry, whatsapp))) await noteOurs(photo.id);
        });
        return photo.id;
      }
      const pictureId = await confirmed({
        make: (live) => live.setGroupPhoto(group, jpeg),
        find: async (live) => {
          const shown = await this.#lookAgain(live, group);
          if (shown && shown.id === before?.photo?.id) return undefined;
          if (shown && (await this.#recognises(group, shown, jpeg))) return { outcome: shown.id };
          const outcome = toldPhotoOfOurs({ told, us, before, shown });
          return outcome && { outcome };
        },
      });
      await noteOurs(pictureId);
      return pictureId;
    });
  }

  async #showNone(group: GroupId, restores: number | undefined): Promise<void> {
    return this.#change(group, async ({ whatsapp, before, told, confirmed }) => {
      const us = userIdOfPhone(whatsapp.me.phone);
      // Also when there is none: whoever may not remove it is told.
      const shownSince = await confirmed<RemotePhoto | undefined>({
        make: async (live) => void (await live.removeGroupPhoto(group)),
        find: async (live) => {
          const shown = await this.#lookAgain(live, group);
          if (!shown) return { outcome: undefined };
          await this.#note(() => this.#keep(group, shown));
          return toldRemovalOfOurs({ told, us, before, shown }) ? { outcome: shown } : undefined;
        },
      });
      // What came after it is newer than what we would note, and the removal was noted as it was told.
      if (!shownSince) await this.#noteOurs(group, { pictureId: undefined, restores, setBy: us });
    });
  }

  /** Does `work` to a group's photo, knowing what the group shows as far as that could be learnt in time. */
  async #change<Result>(
    group: GroupId,
    work: (state: {
      readonly whatsapp: WhatsApp;
      readonly before: Shown | undefined;
      readonly told: readonly GroupPhotoEvent[];
      readonly confirmed: <Outcome>(change: Change<Outcome>) => Promise<Outcome>;
    }) => Promise<Result>,
  ): Promise<Result> {
    const { changeLimitMs = defaultChangeLimitMs } = this.#options;
    const connected = (patienceMs?: number) => this.#connected(patienceMs);
    using limit = this.#limit(changeLimitMs);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const told: GroupPhotoEvent[] = [];
    this.#changing.set(group, { over, told });
    try {
      const whatsapp = await connected();
      const before = await this.#look(whatsapp, group);
      return await work({
        whatsapp,
        before,
        told,
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

  /** What the group shows after a change of ours that may have been made, once all is told that came with a reconnect. */
  async #lookAgain(whatsapp: WhatsApp, group: GroupId): Promise<RemotePhoto | undefined> {
    await this.#caughtUp(whatsapp);
    return whatsapp.groupPhoto(group, 'full');
  }

  /** Waits for what WhatsApp has to tell of the time in which we were away. What takes too long has to do without. */
  async #caughtUp(whatsapp: WhatsApp): Promise<void> {
    using limit = this.#limit(lookLimitMs);
    await limit.within(() => whatsapp.caughtUp()).catch(() => {});
  }

  /**
   * Whether our account set the photo of this entry. If it has the bytes that we would send, too, it was us, though we
   * never noted it, as when the process was killed: another device makes other bytes of the same picture.
   */
  async #isSetByUs(group: GroupId, { setBy, pictureId }: PhotoEntry, whatsapp: WhatsApp): Promise<boolean> {
    const { phone, lid } = whatsapp.me;
    const isUs = (author: UserId | undefined) =>
      author !== undefined && [userIdOfPhone(phone), lid].includes(author);
    if (setBy !== undefined || pictureId === undefined) return isUs(setBy);
    await this.#caughtUp(whatsapp);
    return isUs((await this.#book.entry(group, pictureId))?.setBy);
  }

  /** The entry of a photo, if there is one. */
  async #named(group: GroupId, id: PictureId): Promise<readonly PhotoEntry[]> {
    const entry = await this.#book.entry(group, id);
    return entry ? [entry] : [];
  }

  /** Keeps what a group shows, if there is a history and it can be had in time. */
  async #keep(group: GroupId, shown: RemotePhoto): Promise<void> {
    using limit = this.#limit(lookLimitMs);
    await this.#remember(group, shown, limit);
  }

  /** What the group showed before its present photo, the last one first. */
  async #before(group: GroupId): Promise<readonly PhotoEntry[]> {
    using limit = this.#limit(lookLimitMs);
    const photo = await (await this.#connected()).groupPhoto(group, 'full');
    const present = await this.#remember(group, photo, limit);
    return entriesBefore(await this.#book.entries(group), present);
  }

  /**
   * Whether a photo that a group shows is our JPEG. When that cannot be seen, it does not count as ours. What is not ours
   * is kept, for ours may be sent again and replace it.
   */
  async #recognises(group: GroupId, photo: RemotePhoto, jpeg: Uint8Array): Promise<boolean> {
    const { readPhoto, showSamePicture, logger } = this.#options;
    try {
      const shown = await readPhoto(photo.source);
      if (sha256Of(shown) === sha256Of(jpeg) || (await showSamePicture(shown, jpeg))) return true;
      await this.#note(async () => void (await this.#book.keep(group, photo.id, shown)));
      return false;
    } catch (error) {
      logger.warn({ err: error, photo: photo.id }, 'A photo could not be compared with ours');
      return false;
    }
  }

  /** Fetches a photo that we heard of, unless its bytes are known or the group shows another one by now. */
  async #fetch(group: GroupId, id: PictureId): Promise<void> {
    const { signal } = this.#stopping;
    await unlessAborted(async () => this.#changing.get(group)?.over, signal); // it may be our own photo
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
    const setAt = setAtFrom(change.pictureId, this.#options.clock.now());
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

/** A change of a group's photo that we are making. */
interface ChangeUnderWay {
  /** Resolves when it is done and noted. */
  readonly over: Promise<void>;
  /** What WhatsApp tells of the group's photo meanwhile. */
  readonly told: GroupPhotoEvent[];
}

/** What a group shows, and what is known of it. */
interface Shown {
  readonly photo: RemotePhoto | undefined;
  readonly entry: PhotoEntry;
}
