import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { coerce } from './coerce.ts';

test('texts become numbers where they are some', () => {
  assert.equal(coerce(Type.Integer(), ' 20 '), 20);
  assert.equal(coerce(Type.Number(), '-1.5'), -1.5);
  for (const text of ['', ' ', 'ten', '0x10', '1e3', 'Infinity'])
    assert.equal(coerce(Type.Number(), text), text);
});

test('minus zero is zero', () => {
  for (const zero of ['-0', '-0.0', -0]) assert.ok(Object.is(coerce(Type.Integer(), zero), 0));
});

test('texts and digits become booleans where they are some', () => {
  for (const yes of ['true', 'TRUE', ' 1 ', 1]) assert.equal(coerce(Type.Boolean(), yes), true);
  for (const no of ['false', 'False', '0', 0]) assert.equal(coerce(Type.Boolean(), no), false);
  for (const other of ['', 'yes', 2]) assert.equal(coerce(Type.Boolean(), other), other);
});

test('numbers become texts; booleans and objects do not', () => {
  assert.equal(coerce(Type.String(), 5511999990001), '5511999990001');
  assert.equal(coerce(Type.String(), true), true);
  assert.deepEqual(coerce(Type.String(), { a: 1 }), { a: 1 });
});

test('a number that is not what was written any more becomes no text', () => {
  for (const value of [2 ** 53, 1e30, Number.POSITIVE_INFINITY])
    assert.equal(coerce(Type.String(), value), value);
});

test('one value becomes a list of one, and entries are coerced', () => {
  const phones = Type.Array(Type.String());
  assert.deepEqual(coerce(phones, '5511999990001'), ['5511999990001']);
  assert.deepEqual(coerce(phones, [5511999990001, '5511999990002']), ['5511999990001', '5511999990002']);
});

test('a text with a list in JSON becomes that list, digit by digit; any other text stays a value', () => {
  const phones = Type.Array(Type.String());
  assert.deepEqual(coerce(phones, ' ["a", "b"]\n'), ['a', 'b']);
  assert.deepEqual(coerce(phones, '[120363019502650977]'), ['120363019502650977']);
  const many = `[${'1,'.repeat(60_000)}1]`; // would take its time
  for (const text of ['["a"', '[a]', '{"a": 1}', 'a, b', many])
    assert.deepEqual(coerce(phones, text), [text]);
});

test('one of a few is known in upper and lower case', () => {
  const size = Type.Enum(['full', 'preview']);
  for (const text of ['full', 'FULL', ' Full ']) assert.equal(coerce(size, text), 'full');
  for (const other of ['fulll', '', 1]) assert.equal(coerce(size, other), other);
});
