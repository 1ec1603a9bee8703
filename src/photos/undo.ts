import type { PhotoEntry } from './photo-store.ts';

/**
 * The entries that an undo can go back to, the nearest first: what the group showed before `present`, its newest entry.
 *
 * What an undo brought back stands for what it brought back: after A, B, C and an undo to B, the next one goes to A.
 * What looks like the present photo is passed over.
 */
export function entriesBefore(entries: readonly PhotoEntry[], present: PhotoEntry): PhotoEntry[] {
  let position = present.position;
  for (let restored = present.restores; restored !== undefined; ) {
    position = restored;
    restored = entries.find((entry) => entry.position === position)?.restores;
  }
  return entries.filter((entry) => entry.position < position && !showTheSame(entry, present)).reverse();
}

function showTheSame(one: PhotoEntry, other: PhotoEntry): boolean {
  if (one.pictureId === undefined || other.pictureId === undefined) return one.pictureId === other.pictureId;
  return one.file !== undefined && one.file.sha256 === other.file?.sha256;
}
