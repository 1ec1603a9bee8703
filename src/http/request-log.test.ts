import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsOfPath, wordsOfRoutes } from './request-log.ts';

const words = wordsOfRoutes([
  { url: '/instances/:instanceId/token/:token/phone-code/:phone' },
  { url: '/instances/:instanceId/token/:token/qr-code/image' },
]);

test('a path keeps the words of our routes and loses whatever could be a secret or a number', () => {
  assert.equal(
    wordsOfPath(
      '/instances/3D2A8F4B6C1E4F7A/token/A1B2C3D4E5F6/phone-code/5511999990001?token=secret',
      words,
    ),
    '/instances/***/token/***/phone-code/***',
  );
});

test('an address typed wrongly tells no secret either, not even one that is a plain word', () => {
  assert.equal(
    wordsOfPath('//instances/swordfish/tokn/A1B2/qr-code/image', words),
    '//instances/***/***/***/qr-code/image',
  );
  assert.equal(wordsOfPath('/%41', words), '/***');
});
