import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { type BinaryNode, encodeBinaryNode } from 'baileys';
import { encodeStanza } from './encode-stanza.ts';

const photo = (content: Uint8Array): BinaryNode => ({
  tag: 'iq',
  attrs: {
    to: '@s.whatsapp.net',
    type: 'set',
    xmlns: 'w:profile:picture',
    target: '120363019502650977@g.us',
    id: '12345.678-9',
  },
  content: [{ tag: 'picture', attrs: { type: 'image' }, content }],
});

describe('a photo is encoded to the bytes that Baileys makes of it', () => {
  for (const length of [0, 1, 255, 256, 68_000, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1]) {
    test(`${length} bytes`, () => {
      const jpeg = randomBytes(length);
      for (const content of [jpeg, new Uint8Array(jpeg)]) {
        assert.ok(encodeStanza(photo(content)).equals(encodeBinaryNode(photo(content))));
      }
    });
  }
});

describe('other stanzas are encoded as Baileys does it, too', () => {
  const child = (content?: BinaryNode['content']): BinaryNode => ({ tag: 'query', attrs: {}, content });
  const contents: [what: string, content: BinaryNode['content']][] = [
    ['no content', undefined],
    ['no children', []],
    ['text', 'Family'],
    ['bytes of its own', randomBytes(300)],
    ['a child without content', [child()]],
    ['a child with text', [child('Family')]],
    ['bytes that are not the last', [child(randomBytes(300)), child()]],
    ['bytes twice', [child(randomBytes(300)), child(randomBytes(300))]],
    ['bytes deep inside', [child(), child([child('x'), child([child(randomBytes(300))])])]],
  ];
  for (const [what, content] of contents) {
    test(what, () => {
      const stanza = { tag: 'iq', attrs: { to: '@g.us', id: '1' }, content };
      assert.deepEqual(encodeStanza(stanza), encodeBinaryNode(stanza));
    });
  }
});
