import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from './json-body.ts';

test('an integer that a double cannot hold keeps its digits', () => {
  assert.deepEqual(
    parseJson('{"groupId": 120363019502650977, "n": 12, "x": 1.5, "list": [-9007199254740993]}'),
    {
      groupId: '120363019502650977',
      n: 12,
      x: 1.5,
      list: ['-9007199254740993'],
    },
  );
});

test('a byte order mark and blanks around a body do not matter', () => {
  assert.deepEqual(parseJson('\uFEFF {"a": 1}\r\n'), { a: 1 });
});

test('nothing but blanks is no body', () => {
  assert.equal(parseJson(' \r\n'), undefined);
});

test('broken JSON is an invalid request that says where it breaks', () => {
  assert.throws(() => parseJson('{"a" 1}'), {
    code: 'invalid_request',
    message: /not valid JSON.*position 5/,
  });
});
