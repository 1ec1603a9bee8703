import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meFrom } from './me.ts';

const id = '5511999990001:12@s.whatsapp.net';

test('the credentials tell the number, the device, the second address, the name and the phone', () => {
  const lid = '200000000000001:12@lid';
  assert.deepEqual(meFrom({ me: { id, lid, name: 'Alice' }, platform: 'smba' }), {
    phone: '5511999990001',
    lid: '200000000000001@lid',
    name: 'Alice',
    device: 12,
    platform: 'smba',
  });
});

test('what is not known, or is nothing that we know, is not told', () => {
  const { lid, name, platform } = meFrom({ me: { id, name: '~' }, platform: 'windows' });
  assert.deepEqual([lid, name, platform], [undefined, undefined, undefined]);
});

test('credentials without a number are nobody’s', () => {
  assert.throws(() => meFrom({ platform: 'android' }), /not a phone number/);
});
