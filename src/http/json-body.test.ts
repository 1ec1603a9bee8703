import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonBody } from './json-body.ts';

function parseJson(text: string): unknown {
  const body = new JsonBody();
  body.push(Buffer.from(text));
  return body.end();
}

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

test('more values than any operation takes are refused, however they are nested', () => {
  const tooMany = { code: 'invalid_request', message: /more than 10000 values/ };
  for (const values of ['0,'.repeat(10_000), '{},'.repeat(5_000), '['.repeat(10_000), '"",'.repeat(10_000)]) {
    assert.throws(() => parseJson(`[${values}`), tooMany, values.slice(0, 3));
  }
});

test('what stands within strings is no value', () => {
  const text = String.raw`\",[{\\`.repeat(10_000);
  assert.deepEqual(parseJson(`{"a": "${text}", "b": ["${text}"]}`), {
    a: '",[{\\'.repeat(10_000),
    b: ['",[{\\'.repeat(10_000)],
  });
});
