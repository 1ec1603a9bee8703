import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsOfPath } from './request-log.ts';

test('a path keeps its words and loses whatever could be a secret or a number', () => {
  assert.equal(
    wordsOfPath('/instances/3D2A8F4B6C1E4F7A/token/A1B2C3D4E5F6/phone-code/5511999990001?token=secret'),
    '/instances/***/token/***/phone-code/***',
  );
});

test('an address typed wrongly tells no secret either', () => {
  assert.equal(wordsOfPath('//instance/A1/tokn/A1B2/qr-code/image'), '//instance/***/tokn/***/qr-code/image');
  assert.equal(wordsOfPath(`/${'a'.repeat(31)}/%41`), '/***/***');
});
