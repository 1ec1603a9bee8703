import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUserId, pictureIdFrom, type UserId } from '../ids.ts';
import { toldPhotoOfOurs, toldRemovalOfOurs } from './told-of-ours.ts';

const us = parseUserId('5511999990001@s.whatsapp.net') as UserId;
const bob = parseUserId('200000000000002@lid');

const photo = (id: string | undefined) => (id === undefined ? undefined : { id: pictureIdFrom(id) });
const told = (author: UserId | undefined, id?: string) => ({ author, pictureId: photo(id)?.id });

const table: readonly {
  what: string;
  before?: string | undefined;
  /** That what was shown before could not be seen. */
  isUnseen?: true;
  told: readonly ReturnType<typeof told>[];
  shown?: string | undefined;
  ours?: string;
  isRemoved?: true;
}[] = [
  {
    what: 'ours, and then his',
    before: '100',
    told: [told(us, '101'), told(bob, '102')],
    shown: '102',
    ours: '101',
  },
  {
    what: 'ours, of which alone was told',
    before: '100',
    told: [told(us, '101')],
    shown: '102',
    ours: '101',
  },
  { what: 'ours, the first one of the group', told: [told(us, '101')], shown: '102', ours: '101' },
  { what: 'ours, removed by him', before: '99', told: [told(us, '100'), told(bob)], ours: '100' },
  { what: 'his', before: '100', told: [told(bob, '102')], shown: '102' },
  { what: 'his, twice', before: '100', told: [told(bob, '101'), told(bob, '102')], shown: '102' },
  { what: 'whose, nobody says', before: '100', told: [told(undefined, '101')], shown: '102' },
  { what: 'nothing', before: '100', told: [], shown: '102' },
  { what: 'an earlier one of ours', before: '100', told: [told(us, '99'), told(us, '100')], shown: '102' },
  { what: 'one that is shown, and not what we sent', before: '100', told: [told(us, '102')], shown: '102' },
  { what: 'ours, and still what was before', before: '100', told: [told(us, '101')], shown: '100' },
  { what: 'ours, after who knows what', isUnseen: true, told: [told(us, '101')], shown: '102' },
  {
    what: 'our removal, and then his',
    before: '100',
    told: [told(us), told(bob, '102')],
    shown: '102',
    isRemoved: true,
  },
  { what: 'his removal, and then his', before: '100', told: [told(bob), told(bob, '102')], shown: '102' },
  { what: 'our removal, and still what was before', before: '100', told: [told(us)], shown: '100' },
  { what: 'our removal, after who knows what', isUnseen: true, told: [told(us)], shown: '102' },
];

for (const { what, before, isUnseen, shown, ours, isRemoved = false, ...row } of table) {
  test(`what was told: ${what}`, () => {
    const evidence = {
      told: row.told,
      us,
      before: isUnseen ? undefined : { photo: photo(before) },
      shown: photo(shown),
    };
    assert.equal(toldPhotoOfOurs(evidence), ours);
    assert.equal(toldRemovalOfOurs(evidence), isRemoved);
  });
}
