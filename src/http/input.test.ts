import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';
import { inputReader, type RequestParts } from './input.ts';

const even = Type.Decode(Type.String({ examples: ['2'] }), (text) => {
  if (text === 'boom') throw new GatewayError('picture_url_invalid');
  if (Number(text) % 2 !== 0)
    throw new GatewayError('invalid_request', { message: `"${text}" is not even.` });
  return Number(text);
});

const read = inputReader({
  input: Type.Object({
    groupId: Type.String({ minLength: 1, examples: ['120363019502650977-group'] }),
    count: Type.Optional(even),
    page: Type.Integer({ minimum: 1, default: 1 }),
    phones: Type.Optional(Type.Array(Type.String({ minLength: 8 }))),
  }),
  aliases: { groupId: ['groupID', 'phone'] },
});

const request = (parts: Partial<RequestParts>): RequestParts => ({ path: {}, query: {}, body: {}, ...parts });

test('fields come from the path, then the body, then the query', () => {
  const everywhere = { path: { groupId: 'path' }, body: { groupId: 'body' }, query: { groupId: 'query' } };
  assert.equal(read(request(everywhere)).groupId, 'path');
  assert.equal(read(request({ ...everywhere, path: {} })).groupId, 'body');
  assert.equal(read(request({ query: { groupId: 'query' }, body: undefined })).groupId, 'query');
});

test('a field is found under its aliases, in their order, and its own name wins', () => {
  assert.equal(read(request({ body: { phone: 'third' } })).groupId, 'third');
  assert.equal(read(request({ body: { phone: 'third', groupID: 'second' } })).groupId, 'second');
  assert.equal(read(request({ body: { phone: 'third' }, query: { groupId: 'first' } })).groupId, 'first');
});

test('null is the same as absent: an alias or the default steps in', () => {
  assert.deepEqual(read(request({ body: { groupId: null, phone: 'alias', page: null, count: null } })), {
    groupId: 'alias',
    page: 1,
  });
});

test('unknown fields are ignored, inherited ones too', () => {
  assert.deepEqual(read(request({ body: { groupId: 'a', extra: 1 } })), { groupId: 'a', page: 1 });
  assert.throws(() => read(request({ body: Object.create({ groupId: 'inherited' }) })), {
    code: 'invalid_request',
  });
});

test('what clients send is coerced and decoded', () => {
  const body = { groupId: 120363, page: '3', count: 4, phones: 5511999990001 };
  assert.deepEqual(read(request({ body })), {
    groupId: '120363',
    page: 3,
    count: 4,
    phones: ['5511999990001'],
  });
});

test('every field that is missing or wrong is named, with what is expected', () => {
  const body = { page: 'ten', count: 3, phones: ['5511999990001', 'short'] };
  assert.throws(() => read(request({ body })), {
    code: 'invalid_request',
    details: { fields: ['groupId', 'count', 'page', 'phones'] },
    message: [
      'groupId: missing. Expected a text, for example "120363019502650977-group".',
      'count: "3" is not even.',
      'page: must be integer. Expected a whole number.',
      'phones: entry 2 must not have fewer than 8 characters. Expected a list.',
    ].join(' '),
  });
});

test('what a field raises beyond being invalid passes through', () => {
  assert.throws(() => read(request({ body: { groupId: 'a', count: 'boom' } })), {
    code: 'picture_url_invalid',
  });
});

test('bytes are taken for the field that a file can fill, and for no other', () => {
  const readUpload = inputReader({
    input: Type.Object({ groupId: Type.String(), groupPhoto: Type.String({ minLength: 1 }) }),
    aliases: { groupPhoto: ['photo'] },
    upload: 'groupPhoto',
  });
  const bytes = Uint8Array.of(0xff, 0xd8);
  assert.equal(readUpload(request({ body: { groupId: 'a', photo: bytes } })).groupPhoto, bytes);
  assert.throws(() => readUpload(request({ body: { groupId: bytes, groupPhoto: new Uint8Array() } })), {
    details: { fields: ['groupId', 'groupPhoto'] },
    message: 'groupId: must be string. Expected a text. groupPhoto: the file is empty. Expected a text.',
  });
});

test('a body that is no object is refused', () => {
  for (const body of [[], 'text', 1, null]) {
    assert.throws(() => read(request({ body })), {
      code: 'invalid_request',
      message: /must be a JSON object/,
    });
  }
});
