import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf } from './page.ts';

test('pages follow each other without gap or overlap, and end empty', () => {
  const list = [1, 2, 3, 4, 5];
  assert.deepEqual(
    [1, 2, 3, 4].map((page) => pageOf(list, { page, pageSize: 2 })),
    [[1, 2], [3, 4], [5], []],
  );
});

test('without a size the first page holds everything, and a client that asks on finds an end', () => {
  assert.deepEqual(pageOf([1, 2, 3], { page: 1 }), [1, 2, 3]);
  assert.deepEqual(pageOf([1, 2, 3], { page: 2 }), []);
});
