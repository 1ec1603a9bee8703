import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureIdFrom } from '../ids.ts';
import { setAtFrom, timeOf } from './photo-record.ts';

const now = new Date('2026-08-01T12:00:00Z');
const seconds = (time: string) => String(Date.parse(time) / 1_000);

test('a picture id tells when the photo was set, where that is a likely time', () => {
  assert.deepEqual(timeOf(pictureIdFrom('1664163304'), now), new Date('2022-09-26T03:35:04Z'));
  assert.deepEqual(timeOf(pictureIdFrom(seconds('2010-01-01T00:00:00Z')), now)?.getUTCFullYear(), 2010);
  assert.ok(timeOf(pictureIdFrom(seconds('2026-08-02T11:59:59Z')), now), 'clocks differ');
  for (const id of [
    seconds('2009-12-31T23:59:59Z'),
    seconds('2026-08-02T12:00:01Z'),
    '42',
    'abc',
    '',
    '9'.repeat(30),
  ]) {
    assert.equal(timeOf(pictureIdFrom(id), now), undefined, id);
  }
});

test('a change of ours has the second of its picture id, unless that cannot be when it was made', () => {
  const justNow = new Date('2026-08-01T12:00:00.900Z');
  const told = setAtFrom(pictureIdFrom(seconds('2026-08-01T11:59:58Z')), justNow);
  assert.deepEqual(told, new Date('2026-08-01T11:59:58Z'));
  for (const id of [undefined, '42', seconds('2026-08-01T11:50:00Z'), seconds('2026-08-01T12:10:00Z')]) {
    assert.deepEqual(setAtFrom(id === undefined ? undefined : pictureIdFrom(id), justNow), now, id);
  }
});
