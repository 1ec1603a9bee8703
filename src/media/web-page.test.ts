import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWebPage } from './web-page.ts';

const isPage = (text: string) => isWebPage(Buffer.from(text));

test('a web page is recognised by how it begins', () => {
  for (const page of [
    '<!DOCTYPE html><title>Log in</title>',
    '<!doctype  HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">',
    '\uFEFF\n <html lang="pt">',
    '<?xml version="1.0"?>\n<!DOCTYPE html>',
    '<!-- Drive -->\n<!-- > --><head>',
    '<script>location="/login"</script>',
    '<meta http-equiv="refresh" content="0">',
    '<br />\n<b>Warning</b>: readfile(foto.png): failed to open stream',
    '<h1>403</h1>',
  ]) {
    assert.equal(isPage(page), true, page);
  }
});

test('a picture is none, not even one that is written as text', () => {
  for (const picture of [
    '',
    '<svg xmlns="http://www.w3.org/2000/svg"><title>Logo</title></svg>',
    '<?xml version="1.0"?><!-- Generator: x --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"><svg/>',
    '<!-- <html> --><svg/>',
    '<headline/>',
    '\u0089PNG\r\n\u001a\n',
    `${' '.repeat(2_000)}<html>`,
  ]) {
    assert.equal(isPage(picture), false, picture);
  }
});

test('a beginning that is made to be hard to judge is judged', () => {
  assert.equal(isPage('<!--'.repeat(100_000)), false);
  assert.equal(isPage('<? '.repeat(100_000)), false);
});
