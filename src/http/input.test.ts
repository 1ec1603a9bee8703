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

test('an empty value in the query is the same as absent; in a body it is a value', () => {
  assert.deepEqual(
    read(request({ query: { groupId: '', phone: 'alias', page: '', count: '', phones: '' } })),
    {
      groupId: 'alias',
      page: 1,
    },
  );
  assert.throws(() => read(request({ query: { groupId: '' } })), /^GatewayError: groupId: missing/);
  assert.throws(() => read(request({ body: { groupId: 'a', page: '' } })), { code: 'invalid_request' });
});

test('integers that a number cannot hold are refused', () => {
  const most = Number.MAX_SAFE_INTEGER;
  assert.equal(read(request({ query: { groupId: 'a', page: String(most) } })).page, most);
  for (const page of [most + 1, 1e300, Number.POSITIVE_INFINITY, '9223372036854775807', '9'.repeat(100)]) {
    const refused = { code: 'invalid_request', details: { fields: ['page'] } };
    assert.throws(() => read(request({ query: { groupId: 'a', page } })), refused, String(page));
    assert.throws(() => read(request({ body: { groupId: 'a', page } })), refused, String(page));
  }
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
    message: 'groupId: must be string. Expected a text. groupPhoto: the file is empty.',
  });
});

test('a picture in a text becomes its bytes, however it is written; a URL and what is broken stay texts', () => {
  const readUpload = inputReader({
    input: Type.Object({ groupPhoto: Type.String({ minLength: 1 }) }),
    upload: 'groupPhoto',
  });
  const readText = (groupPhoto: string) => readUpload(request({ body: { groupPhoto } })).groupPhoto;
  const bytes = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
  // Spare bits of the last digit, line breaks and padding make no difference.
  for (const text of [
    '/9j/4A==',
    '_9j_4A',
    ' /9j/\r\n4A',
    '/9j/4B',
    'data:image/png;base64,/9j/4A==',
    'data:,%FF%D8%FF%E0',
  ]) {
    assert.deepEqual(readText(text), bytes, text);
  }
  for (const text of ['https://a.test/b.png', 'data:image/png;base64,!', 'data:,', 'not a picture!', ' ']) {
    assert.equal(readText(text), text);
  }
});

const own = inputReader({
  input: Type.Object({
    groupId: Type.String(),
    photoId: Type.Optional(Type.String()),
    fit: Type.Optional(Type.Enum(['cover', 'contain', 'blur'])),
    colour: Type.Optional(Type.String({ pattern: '^#', expects: '#rgb', examples: ['#fff'] })),
  }),
  aliases: { groupId: ['phone'] },
  isExtension: true,
});

test('an extension refuses fields that it does not know, naming the closest that it does', () => {
  const path = { instanceId: 'a', token: 'b', groupId: 'c' };
  assert.deepEqual(own(request({ path, body: { phone: 'd', photoId: 'e' } })), {
    groupId: 'c',
    photoId: 'e',
  });
  for (const [parts, name, hint] of [
    [{ body: { photoid: 'x' } }, 'photoid', 'Did you mean photoId?'],
    [{ query: { photo_id: 'x' } }, 'photo_id', 'Did you mean photoId?'],
    [{ body: { phones: 'x' } }, 'phones', 'Did you mean phone?'],
    [{ body: { token: null } }, 'token', 'The fields are groupId, photoId, fit, colour.'],
  ] as const) {
    assert.throws(() => own(request({ path, ...parts })), {
      code: 'invalid_request',
      message: `${name}: unknown. ${hint}`,
      details: { fields: [name] },
    });
  }
});

test('unknown fields without number and end are told in few words', () => {
  const body = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`${'x'.repeat(1_000)}${index}`, 1]),
  );
  assert.throws(
    () => own(request({ body: { groupId: 'a', ...body } })),
    (error: Error) => error.message.length < 1_000,
  );
});

test('what is not as expected is told with what is', () => {
  for (const [body, message] of [
    [{ fit: 'crop' }, /^fit: .*Expected one of cover, contain, blur\.$/],
    [{ colour: 'red' }, /^colour: not in the form that is expected\. Expected #rgb, for example "#fff"\.$/],
    [{ groupId: ['a', 'b'] }, /^groupId: there are 2 values\. Send one\. Expected a text\.$/],
  ] as const) {
    assert.throws(() => own(request({ body: { groupId: 'a', ...body } })), { message });
  }
});

test('a body that is no object is refused', () => {
  for (const body of [[], 'text', 1, null]) {
    assert.throws(() => read(request({ body })), {
      code: 'invalid_request',
      message: /must be a JSON object/,
    });
  }
});
