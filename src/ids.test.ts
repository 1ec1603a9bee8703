import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGroupId, formatUserId, parseGroupId, parsePhoneNumber, parseUserId } from './ids.ts';

test('a group id is read in every form that integrators send', () => {
  const forms = ['120363019502650977-group', '120363019502650977@g.us', '120363019502650977'];
  for (const form of [...forms, ...forms.map((text) => ` ${text}\n`)]) {
    assert.equal(parseGroupId(form), '120363019502650977@g.us', form);
  }
  for (const form of ['', '-group', '@g.us'].map((suffix) => `5511999990000-1623281429${suffix}`)) {
    assert.equal(parseGroupId(form), '5511999990000-1623281429@g.us', form);
  }
});

test('what is no group id is none', () => {
  for (const text of [
    '',
    'family',
    '1234',
    '120363019502650977@s.whatsapp.net',
    '120363019502650977-group-group',
    '120363019502650977@newsletter',
    '5511999990000-1-group',
    '12036301950265097a',
  ]) {
    assert.equal(parseGroupId(text), undefined, text);
  }
});

test('a group id is written as the API writes it, old ones without a suffix', () => {
  for (const written of ['120363019502650977-group', '5511999990000-1623281429']) {
    const id = parseGroupId(written);
    assert.ok(id);
    assert.equal(formatGroupId(id), written);
  }
});

test('a phone number is read as people write it', () => {
  for (const text of ['5511999990001', '+55 (11) 99999-0001', '55.11.99999.0001']) {
    assert.equal(parsePhoneNumber(text), '5511999990001', text);
  }
  for (const text of [
    '',
    '1234567',
    '1234567890123456',
    '55 11 9999 000x',
    '5511999990001@lid',
    `5511999990001${' '.repeat(64)}`,
  ]) {
    assert.equal(parsePhoneNumber(text), undefined, text);
  }
});

test('a person is the same whatever device wrote, and is written as a number or a LID', () => {
  for (const [address, written] of [
    ['5511999990001:12@s.whatsapp.net', '5511999990001'],
    ['5511999990001@c.us', '5511999990001'],
    ['98765432109876:3@lid', '98765432109876@lid'],
    ['98765432109876_1:3@lid', '98765432109876@lid'],
  ] as const) {
    const id = parseUserId(address);
    assert.ok(id, address);
    assert.equal(formatUserId(id), written);
  }
  assert.equal(parseUserId('120363019502650977@g.us'), undefined);
});
