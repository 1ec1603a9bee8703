import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, readerWith } from '../../test/picture-servers.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><text fill="#f00">100% ação</text></svg>';

test('a data URI gives its bytes, whatever its media type says', async () => {
  using reader = readerWith();
  const base64 = png.toString('base64');
  for (const source of [
    `data:image/png;base64,${base64}`,
    `data:;base64,${base64}`,
    `data:application/octet-stream;base64,${base64}`,
    `DATA:image/jpeg;charset=utf-8;name="a.jpg"; BASE64,${base64}`,
    `data:image/png;base64,${encodeURIComponent(base64)}`,
    `  data:image/png;base64,\n${base64.replace(/(.{20})/g, '$1\r\n')}\n`,
  ]) {
    assert.deepEqual(Buffer.from(await reader.readPicture(source)), png, source.slice(0, 40));
  }
});

test('a data URI with text gives its bytes, percent-encoded or not', async () => {
  using reader = readerWith();
  for (const source of [
    `data:image/svg+xml,${encodeURIComponent(drawing)}`,
    `data:image/svg+xml;utf8,${drawing}`,
    `data:image/svg+xml;charset=utf-8,${drawing.replaceAll('#', '%23').replaceAll('<', '%3c')}`,
  ]) {
    assert.equal(Buffer.from(await reader.readPicture(source)).toString(), drawing, source.slice(0, 40));
  }
});

test('bare Base64 gives its bytes', async () => {
  using reader = readerWith();
  for (const source of [
    png.toString('base64'),
    png.toString('base64url'),
    `\n ${png.toString('base64')} \n`,
  ]) {
    assert.deepEqual(Buffer.from(await reader.readPicture(source)), png);
  }
});

test('what is no picture source is refused with what was expected, and not repeated', async () => {
  const secret = 'not/base64/secret.png?token=abc';
  assert.match(await failureOf(secret), /^picture_unreadable: .*URL.*data URI.*Base64/);
  assert.doesNotMatch(await failureOf(secret), /secret/);
  assert.match(await failureOf('data:image/png;base64'), /^picture_unreadable: .*data URI/);
  assert.match(await failureOf('data:image/png;base64,@@@@'), /^picture_unreadable: .*data URI/);
});

test('what looks like a URL is refused when it is not an http or https one', async () => {
  for (const source of [
    '',
    '  ',
    'http:',
    'http://',
    'https://:80/',
    'http://a b/',
    'http://[fe80::1%25eth0]/',
  ]) {
    assert.match(await failureOf(source), /^picture_url_invalid: .*not a valid URL/, source);
  }
  for (const source of [
    'ftp://pictures.test/a.png',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'blob:https://a.test/1',
  ]) {
    assert.match(await failureOf(source), /^picture_url_invalid: .*http and https/, source);
  }
  assert.match(
    await failureOf(`https://pictures.test/${'a'.repeat(16_384)}`),
    /^picture_url_invalid: .*16384 characters/,
  );
  const withPassword = await failureOf('https://user:hunter2@pictures.test/a.png');
  assert.match(withPassword, /^picture_url_invalid: .*user name or password/);
  assert.doesNotMatch(withPassword, /hunter2/);
  assert.match(await failureOf('https://user@pictures.test/a.png'), /^picture_url_invalid: .*user name/);
});

test('bytes are handed through', async () => {
  using reader = readerWith();
  assert.equal(await reader.readPicture(png), png);
});

test('a picture of exactly the limit is read, one byte more is too large', async () => {
  const limit = { maxBytes: 3_000 };
  using reader = readerWith(limit);
  assert.equal((await reader.readPicture(Buffer.alloc(3_000).toString('base64'))).length, 3_000);
  assert.match(await failureOf(Buffer.alloc(3_001).toString('base64'), limit), /^picture_too_large/);
  assert.match(await failureOf(`data:,${'a'.repeat(3_001)}`, limit), /^picture_too_large/);
  assert.equal((await reader.readPicture(Buffer.alloc(3_000))).length, 3_000);
  assert.match(await failureOf(Buffer.alloc(3_001), limit), /^picture_too_large/);
});

test('unless told otherwise, a picture may have 16 MiB', async () => {
  const limit = { maxBytes: undefined };
  using reader = readerWith(limit);
  const most = Buffer.alloc(16 * 2 ** 20);
  assert.equal(await reader.readPicture(most), most);
  const tooMuch = Buffer.alloc(most.length + 1);
  assert.match(await failureOf(tooMuch, limit), /^picture_too_large: .*16 MiB/);
});

test('a URL is fetched, and only from where it may be', async () => {
  for (const query of ['', '?half=\ud83d']) {
    assert.match(await failureOf(`https://elsewhere.test/a.png${query}`), /^picture_url_forbidden/, query);
  }
});
