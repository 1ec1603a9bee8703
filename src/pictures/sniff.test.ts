import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sniff, svg } from './sniff.ts';

const seen = (beginning: string) => sniff(Buffer.from(beginning, 'latin1'))?.name;

test('what people send by mistake is called by its name', () => {
  const names: Record<string, RegExp> = {
    '\0\0\0\x18ftypheic\0\0\0\0mif1heic': /HEIC/,
    '\0\0\0\x18ftypmif1\0\0\0\0mif1heic': /HEIC/,
    '\0\0\0\x18ftypisom\0\0\x02\0isomiso2': /MP4/,
    '\0\0\0\x14ftypqt  \0\0\0\0qt  ': /QuickTime/,
    '\x1a\x45\xdf\xa3\x9f': /WebM/,
    'RIFF\x10\0\0\0AVI LIST': /AVI/,
    'OggS\0': /sound/,
    'BM\x36\x10\x0e\0\0\0\0\0': /BMP/,
    '\0\0\x01\0\x01\0': /icon/,
    '8BPS\0\x01': /Photoshop/,
    '\xff\x0a\xfa': /JPEG XL/,
    '\0\0\0\x0cjP  \r\n\x87\n': /JPEG 2000/,
    '%PDF-1.4': /PDF/,
    '%!PS-Adobe': /PostScript/,
    'PK\x03\x04\x14': /ZIP/,
    '\x1f\x8b\x08': /gzip/,
    'Rar!\x1a\x07': /archive/,
    '<!DOCTYPE html><p>': /HTML/,
    '  <!-- hello --><html lang="pt">': /HTML/,
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>': /XML/,
    ' {"error":"expired"}': /JSON/,
    'hello pombo': /plain text/,
  };
  for (const [beginning, name] of Object.entries(names)) assert.match(seen(beginning) ?? '', name, beginning);
});

test('a picture is known by its bytes', () => {
  for (const beginning of [
    '\xff\xd8\xff\xe0',
    '\x89PNG\r\n\x1a\n',
    'GIF89a',
    'RIFF\x10\0\0\0WEBPVP8 ',
    'II*\0',
    'MM\0*',
    '\0\0\0\x20ftypavif\0\0\0\0avifmif1',
    '\0\0\0\x20ftypmif1\0\0\0\0mif1avif',
  ]) {
    assert.equal(sniff(Buffer.from(beginning, 'latin1'))?.isReadable, true, beginning);
  }
});

test('an SVG is known by its first element, after whatever may stand before it', () => {
  for (const text of [
    '<svg viewBox="0 0 1 1"/>',
    '\uFEFF<?xml version="1.0" encoding="utf-8"?>\n<!-- <html> made > by hand -->\n<svg>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n<svg>',
    '<!DOCTYPE svg [ <!ENTITY ns "http://www.w3.org/2000/svg"> <!ENTITY html "<html>"> ]><svg xmlns="&ns;">',
    '<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>',
    `<!-- ${'x'.repeat(5_000)} --><svg>`,
  ]) {
    assert.equal(sniff(Buffer.from(text)), svg, text.slice(0, 60));
  }
});

test('nothing is made up about bytes that are nothing', () => {
  for (const bytes of ['', '\0\0\0\0', '\x01\x02\x03', '\xfe\xdc\xba']) assert.equal(seen(bytes), undefined);
});
