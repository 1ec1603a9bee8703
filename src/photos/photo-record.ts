import type { PictureId } from '../ids.ts';
import type { PhotoRecord } from '../operation.ts';
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
