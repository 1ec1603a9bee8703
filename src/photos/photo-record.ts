import type { PhotoRecord } from '../group-photos.ts';
import type { PictureId } from '../ids.ts';
import type { PhotoEntry } from './photo-store.ts';

/** What callers are told of an entry with a photo; `undefined` for one without. `entries` are those of its group. */
export function recordOf(
  entry: PhotoEntry,
  entries: readonly PhotoEntry[],
  now: Date,
): PhotoRecord | undefined {
  const { pictureId, setBy, setAt, byUs, restores, file } = entry;
  if (pictureId === undefined) return undefined;
  return {
    id: pictureId,
    setBy,
    setAt: setAt ?? timeOf(pictureId, now),
    byUs,
    restores: entries.find(({ position }) => position === restores)?.pictureId,
    file,
  };
}

/** How far the clocks of WhatsApp and of this machine may be apart, with the time that a confirmation takes. */
const nearMs = 60_000;

/**
 * When a change was made that is known to be made by `now`: by WhatsApp's clock where the new picture id tells it, and in
 * whole seconds, as the times are that WhatsApp tells of changes by others. So times do not go back from one to the next.
 */
export function setAtFrom(pictureId: PictureId | undefined, now: Date): Date {
  const told = pictureId && timeOf(pictureId, now);
  if (told && Math.abs(told.getTime() - now.getTime()) <= nearMs) return told;
  return new Date(Math.floor(now.getTime() / 1_000) * 1_000);
}

const earliest = new Date('2010-01-01T00:00:00Z');
const dayMs = 86_400_000;

/**
 * When a photo was set, by its id: the unix second of the change in every capture seen (Baileys PR 2197, mgp25/Chat-API
 * issue 1771). Nobody promises it, so `undefined` when that is no likely time.
 */
export function timeOf(pictureId: PictureId, now: Date): Date | undefined {
  const time = new Date(Number(pictureId) * 1_000);
  return time >= earliest && time.getTime() <= now.getTime() + dayMs ? time : undefined;
}
