import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BinaryNode } from 'baileys';
import { passkeyOptionsFrom } from './passkey.ts';

const demand = (content?: BinaryNode['content']): BinaryNode => ({
  tag: 'notification',
  attrs: { type: 'passkey_prologue_request' },
  content: content === undefined ? [] : [{ tag: 'passkey_request_options', attrs: {}, content }],
});

test('the options are handed on as they came, up to 4096 bytes', () => {
  const longest = `{"challenge":"${'é'.repeat(2_040)}"}`;
  assert.equal(Buffer.byteLength(longest), 4_096);
  for (const text of ['{}', '{ "challenge": "AA", "rpId":"whatsapp.com" }\n', longest]) {
    assert.equal(passkeyOptionsFrom(demand(Buffer.from(text))), text);
  }
});

test('what an authenticator could not be asked counts as no options', () => {
  const broken: [what: string, content: BinaryNode['content']][] = [
    ['absent', undefined],
    ['empty', Buffer.alloc(0)],
    ['not bytes', [{ tag: 'challenge', attrs: {} }]],
    ['not JSON', Buffer.from('challenge')],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['a text', Buffer.from('"challenge"')],
    ['not UTF-8', Buffer.concat([Buffer.from('{"challenge":"'), Buffer.of(0xff), Buffer.from('"}')])],
    ['too long', Buffer.from(`{"challenge":"${'a'.repeat(4_081)}"}`)],
  ];
  for (const [what, content] of broken) assert.equal(passkeyOptionsFrom(demand(content)), undefined, what);
});
