import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureIdFrom } from '../ids.ts';
import type { PhotoEntry } from './photo-store.ts';
import { entriesBefore } from './undo.ts';

/**
 * A group's entries from position 1 on, a word each: what was shown (`A`, or `-` for no photo), and after `<` the
 * position that it went back to. A photo in lower case has bytes that were never seen.
 */
const entriesOf = (story: string): PhotoEntry[] =>
  story.split(' ').map((word, index) => {
    const [shown = '', restores] = word.split('<');
    const isSeen = shown !== shown.toLowerCase();
    return {
      position: index + 1,
      pictureId: shown === '-' ? undefined : pictureIdFrom(String(index + 1)),
      setBy: undefined,
      setAt: undefined,
      byUs: restores !== undefined,
      restores: restores === undefined ? undefined : Number(restores),
      file: isSeen ? { sha256: shown, sizeBytes: 1, width: 1, height: 1 } : undefined,
    };
  });

const table: readonly {
  story: string;
  goesBackTo: number | undefined;
  because: string;
  prunedTo?: number;
}[] = [
  { story: 'A', goesBackTo: undefined, because: 'nothing earlier is known' },
  { story: 'A B C', goesBackTo: 2, because: 'that was before' },
  { story: 'A B C B<2', goesBackTo: 1, because: 'what was brought back stands for what it brings back' },
  { story: 'A B C B<2 A<1', goesBackTo: undefined, because: 'the first one is back' },
  { story: 'A B C B<2 A<1 D', goesBackTo: 5, because: 'a new photo comes after what was brought back' },
  {
    story: 'A B C B<2 A<1 D A<5',
    goesBackTo: undefined,
    because: 'it brings back what brings back the first',
  },
  { story: 'A B - A<1', goesBackTo: undefined, because: 'undo can be told to skip some' },
  { story: 'A -', goesBackTo: 1, because: 'what was removed comes back' },
  { story: '- A', goesBackTo: 1, because: 'no photo is something to go back to' },
  { story: 'A - B', goesBackTo: 2, because: 'no photo is something to go back to' },
  { story: 'A - B -<2', goesBackTo: 1, because: 'no photo was brought back' },
  { story: 'A B B', goesBackTo: 1, because: 'the same picture again is no other photo' },
  { story: 'A b c', goesBackTo: 2, because: 'photos that were never seen may be different ones' },
  { story: 'A B C B<2', goesBackTo: undefined, because: 'what came earlier is not kept', prunedTo: 3 },
];

for (const { story, goesBackTo, because, prunedTo = 1 } of table) {
  test(`after ${story}, undo goes back to ${goesBackTo ?? 'nothing'}: ${because}`, () => {
    const entries = entriesOf(story).slice(prunedTo - 1);
    const present = entries.at(-1);
    assert.ok(present);
    assert.equal(entriesBefore(entries, present)[0]?.position, goesBackTo);
  });
}

test('what an undo may have to pass over is followed by what was before it, without what looks like the present', () => {
  const entries = entriesOf('A b C - D C');
  const present = entries.at(-1);
  assert.ok(present);
  assert.deepEqual(
    entriesBefore(entries, present).map(({ position }) => position),
    [5, 4, 2, 1],
  );
});

test('undo goes back from the photo that is shown, though a newer one is known', () => {
  const entries = entriesOf('A B C');
  const [first, second] = entries;
  assert.ok(first && second);
  assert.deepEqual(entriesBefore(entries, second), [first]);
});
