import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureBackoffSeconds } from './picture-limits.ts';

const twoInTen = { changes: 2, windowSeconds: 10 };

test('as many changes as the window takes go through, the next one waits until the oldest is out of it', () => {
  assert.equal(pictureBackoffSeconds([], twoInTen, 100), 0);
  assert.equal(pictureBackoffSeconds([100], twoInTen, 100), 0);
  assert.equal(pictureBackoffSeconds([100, 103], twoInTen, 103), 7);
  assert.equal(pictureBackoffSeconds([100, 103], twoInTen, 109), 1);
  assert.equal(pictureBackoffSeconds([100, 103], twoInTen, 110), 0);
  assert.equal(pictureBackoffSeconds([100, 103, 110], twoInTen, 110), 3);
});

test('without a rate nothing waits', () => {
  assert.equal(pictureBackoffSeconds([100, 100, 100], undefined, 100), 0);
});
