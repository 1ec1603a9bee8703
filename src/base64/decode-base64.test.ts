import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64 } from './decode-base64.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));

test('standard and URL-safe Base64, padded or not and with line breaks anywhere, gives its bytes', () => {
  const encoding = fc.constantFrom('base64' as const, 'base64url' as const);
  fc.assert(
    fc.property(
      bytes,
      encoding,
      fc.boolean(),
      fc.integer({ min: 1, max: 80 }),
      (content, kind, isPadded, width) => {
        const text = content.toString(kind);
        const padded = isPadded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text.replace(/=+$/, '');
        const broken = padded.replace(new RegExp(`(.{${width}})`, 'g'), '$1\r\n');
        assert.deepEqual(decodeBase64(padded), content);
        assert.deepEqual(decodeBase64(broken), content);
      },
    ),
  );
});

test('one character that is not Base64 makes it none, wherever it stands', () => {
  const foreign = fc.constantFrom('!', '.', ':', '%', '=', '\u0000', 'é', 'Ł', '€', '😀');
  fc.assert(
    fc.property(bytes, foreign, fc.nat(), (content, character, position) => {
      const text = content.toString('base64url');
      const at = position % text.length;
      assert.equal(decodeBase64(`${text.slice(0, at)}${character}${text.slice(at)}`), undefined);
    }),
  );
});

test('text that is cut off after the first character of a byte is not Base64', () => {
  assert.equal(decodeBase64('AAAAA'), undefined);
});
